"""From eligible orders to a draft: everything of an invoice but its number and day."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.invoicing.case import Case
from domain.invoicing.document import DocumentType, Draft, OrderReference, Seller
from domain.invoicing.totals import total_lines
from domain.orders.order import Order


def assemble_invoice(group: Sequence[Case]) -> Draft:
    """The draft for a group of orders that ``group_orders`` put together; the group is never empty."""
    first = group[0]
    terms = first.known_terms
    lines = tuple(line for case in group for line in case.priced.lines)
    return Draft(
        type=DocumentType.INVOICE,
        company=terms.company.ref,
        seller=seller_of(terms.seller, terms.company),
        buyer=first.buyer,
        currency=first.priced.currency,
        orders=tuple(_reference(case.order, terms.company.plan.timezone) for case in group),
        lines=lines,
        totals=total_lines(lines, first.priced.currency),
        tax_decision=first.tax_decision,
        payment_terms_days=terms.company.plan.payment_terms_days,
    )


def _reference(order: Order, timezone: str) -> OrderReference:
    dispatched_on = order.dispatched_at.astimezone(ZoneInfo(timezone)).date() if order.dispatched_at else None
    return OrderReference(order.ref, order.external_ref, dispatched_on)


def seller_of(admin_company: AdminCompany, company: Company) -> Seller:
    """The seller as printed; a logo of the company's own goes before the admin company's (seed facts 1.2)."""
    return Seller(
        ref=admin_company.ref,
        name=admin_company.name,
        address=admin_company.address,
        vat_number=admin_company.vat_number,
        registration_number=admin_company.registration_number,
        email=admin_company.email,
        phone=admin_company.phone,
        bank=admin_company.bank,
        logo_sha256=company.logo_sha256 or admin_company.logo_sha256,
        footer=admin_company.footer,
    )
