"""What users' templates may name; the list for users is docs/reference/template-variables.md."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from domain.companies.company import Company
from domain.invoicing.document import DocumentType, Issued, OrderReference
from domain.money import decimals_of
from domain.pricing.price_order import InvoiceLine

_TYPES = {DocumentType.INVOICE: "Invoice", DocumentType.CREDIT_NOTE: "Credit note"}


def template_variables(document: Issued, company: Company) -> dict[str, Any]:
    """Plain texts, lists and mappings only: a template can reach nothing else."""
    draft = document.draft
    return {
        "invoice": _invoice(document),
        "company": {"ref": company.ref, "name": company.name, "email": company.email, "vat_number": company.vat_number},
        "buyer": {
            "name": draft.buyer.name,
            "contact": draft.buyer.contact,
            "email": draft.buyer.email,
            "vat_number": draft.buyer.vat_number,
            "address": asdict(draft.buyer.address),
        },
        "seller": {
            "name": draft.seller.name,
            "email": draft.seller.email,
            "phone": draft.seller.phone,
            "vat_number": draft.seller.vat_number,
            "registration_number": draft.seller.registration_number,
            "address": asdict(draft.seller.address),
            "bank": asdict(draft.seller.bank),
        },
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
