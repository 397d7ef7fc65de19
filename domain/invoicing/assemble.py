"""From eligible orders to a draft: everything of an invoice but its number and day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.invoicing.case import Case
from domain.invoicing.document import DocumentType, Draft, OrderReference, Seller
from domain.invoicing.totals import total_lines
from domain.orders.order import Order
from domain.pricing.price_order import InvoiceLine


def assemble_invoice(group: Sequence[Case]) -> Draft:
    """The draft for a group of orders that ``group_orders`` put together; the group is never empty."""
    first = group[0]
    terms = first.known_terms
    names = order_names([case.order for case in group])
    lines = tuple(line for case, name in zip(group, names, strict=True) for line in _named(case.priced.lines, name))
    return Draft(
        type=DocumentType.INVOICE,
        company=terms.company.ref,
        seller=seller_of(terms.seller, terms.company),
        buyer=first.buyer,
        currency=first.priced.currency,
        orders=tuple(_reference(case.order, name, terms.company.plan.timezone) for case, name in zip(group, names, strict=True)),
        lines=lines,
        totals=total_lines(lines, first.priced.currency),
        tax_decision=first.tax_decision,
        payment_terms_days=terms.company.plan.payment_terms_days,
    )


def order_names(orders: Sequence[Order]) -> tuple[str, ...]:
    """What each order is called on a document: its ref, and ``SOURCE:REF`` where orders of two systems share one.

    So each name on a document means one order, whoever reads, prints or credits it.
    """
    taken = Counter(order.ref for order in orders)
    return tuple(order.ref if taken[order.ref] == 1 else f"{order.source}:{order.ref}" for order in orders)


def _named(lines: Sequence[InvoiceLine], name: str) -> Sequence[InvoiceLine]:
    return [line if line.order_ref == name else replace(line, order_ref=name) for line in lines]


def _reference(order: Order, name: str, timezone: str) -> OrderReference:
    dispatched_on = order.dispatched_at.astimezone(ZoneInfo(timezone)).date() if order.dispatched_at else None
    return OrderReference(name, order.external_ref, dispatched_on)


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
