"""What users' templates may name; the list for users is docs/reference/template-variables.md."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from application.ports.destination import OrderDocument
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.invoicing.assemble import seller_of
from domain.invoicing.document import DocumentType, Issued, OrderReference, Seller
from domain.money import decimals_of
from domain.parties import Party
from domain.pricing.price_order import InvoiceLine

_TYPES = {DocumentType.INVOICE: "Invoice", DocumentType.CREDIT_NOTE: "Credit note"}


def template_variables(document: Issued, company: Company) -> dict[str, Any]:
    """What templates of documents may name. Plain texts, lists and mappings only: a template can reach nothing else."""
    return {
        "invoice": _invoice(document),
        "company": _company(company),
        "buyer": _party(document.draft.buyer),
        "seller": _seller(document.draft.seller),
    }


def order_variables(document: OrderDocument, company: Company, seller: AdminCompany, file_name: str) -> dict[str, Any]:
    """What templates of orders may name; ``file_name`` is that of the order's data file."""
    return {
        "order": _billable_order(document),
        "company": _company(company),
        "seller": _seller(seller_of(seller, company)),
        "file": {"name": file_name},
    }


def _company(company: Company) -> dict[str, str]:
    return {"ref": company.ref, "name": company.name, "email": company.email, "vat_number": company.vat_number}


def _party(party: Party) -> dict[str, Any]:
    known = {"name": party.name, "contact": party.contact, "email": party.email, "vat_number": party.vat_number}
    return {**known, "address": asdict(party.address)}


def _seller(seller: Seller) -> dict[str, Any]:
    return {
        "name": seller.name,
        "email": seller.email,
        "phone": seller.phone,
        "vat_number": seller.vat_number,
        "registration_number": seller.registration_number,
        "address": asdict(seller.address),
        "bank": asdict(seller.bank),
    }


def _billable_order(document: OrderDocument) -> dict[str, Any]:
    order, currency = document.order, document.priced.currency
    return {
        "ref": order.ref,
        "external_ref": order.external_ref,
        "status": order.status_name,
        "created_on": order.created_at.date().isoformat() if order.created_at else "",
        "dispatched_on": order.dispatched_at.date().isoformat() if order.dispatched_at else "",
        "shipping_method": order.shipping_method,
        "billing": _party(order.billing),
        "shipping": _party(order.shipping),
        "currency": currency,
        "net": _amount(document.totals.net, currency),
        "tax": _amount(document.totals.tax, currency),
        "total": _amount(document.totals.total, currency),
        "lines": [_line(line, currency) for line in document.priced.lines],
    }


def _invoice(document: Issued) -> dict[str, Any]:
    draft = document.draft
    return {
        "type": _TYPES[draft.type],
        "number": document.display_number,
        "series_number": str(document.number),
        "issued_on": document.issued_on.isoformat(),
        "due_on": document.due_on.isoformat(),
        "payment_terms_days": str(draft.payment_terms_days),
        "currency": draft.currency,
        "net": _amount(draft.totals.net, draft.currency),
        "tax": _amount(draft.totals.tax, draft.currency),
        "total": _amount(draft.totals.total, draft.currency),
        "corrects": draft.corrects,
        "reason": draft.reason,
        "orders": [_order(order) for order in draft.orders],
        "lines": [_line(line, draft.currency) for line in draft.lines],
    }


def _order(order: OrderReference) -> dict[str, str]:
    dispatched_on = order.dispatched_on.isoformat() if order.dispatched_on else ""
    return {"ref": order.ref, "external_ref": order.external_ref, "dispatched_on": dispatched_on}


def _line(line: InvoiceLine, currency: str) -> dict[str, str]:
    return {
        "order_ref": line.order_ref,
        "description": line.description,
        "sku": line.sku,
        "quantity": f"{line.quantity.normalize():,f}",
        "unit_price": f"{line.unit_price:,f}",
        "net": _amount(line.net, currency),
        "tax_percent": f"{(line.tax.rate * 100).normalize():f}",
    }


def _amount(amount: Decimal, currency: str) -> str:
    return f"{amount:,.{decimals_of(currency)}f}"
