"""What a field map reads from: an order or an issued document as plain groups, lists and values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from application.ports.destination import LaneContext, OrderDocument
from domain.companies.plan import BillTo
from domain.invoicing.assemble import seller_of
from domain.invoicing.content import to_content
from domain.invoicing.document import DocumentType, Draft, Issued, OrderReference
from domain.invoicing.totals import Totals
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine
from domain.pricing.tax_decision import decide_tax

ORDER_ROOTS: Final = frozenset({"order", "lines", "shipping", "taxes", "totals"})
INVOICE_ROOTS: Final = frozenset({"invoice", "seller", "buyer", "orders", "lines", "taxes", "totals"})
_OF_INVOICE = ("type", "company", "currency", "payment_terms_days", "corrects", "reason")


def source_of(document: Issued | OrderDocument) -> Mapping[str, Any]:
    """The document for a field map; its first names are ORDER_ROOTS or INVOICE_ROOTS (docs/reference/field-map.md)."""
    return _of_order(document) if isinstance(document, OrderDocument) else _of_invoice(document)


def invoice_source_of(document: Issued | OrderDocument, lane: LaneContext) -> Mapping[str, Any]:
    """The same where all becomes an invoice; its first names are INVOICE_ROOTS.

    An order, which a flow brought, reads as the invoice that is made of it there: its number is the order's ref, and days it has none.
    """
    if isinstance(document, OrderDocument):
        return _read(_draft_of(document, lane), {"number": document.order.ref})
    return _of_invoice(document)


def _draft_of(document: OrderDocument, lane: LaneContext) -> Draft:
    order, plan = document.order, lane.company.plan
    is_customers = plan.bill_to is BillTo.CUSTOMER
    buyer = order.billing if is_customers else lane.company.party
    dispatched_on = order.dispatched_at.astimezone(ZoneInfo(plan.timezone)).date() if order.dispatched_at else None
    return Draft(
        type=DocumentType.INVOICE,
        company=lane.company.ref,
        seller=seller_of(lane.seller, lane.company),
        buyer=buyer,
        currency=document.priced.currency,
        orders=(OrderReference(order.ref, order.external_ref, dispatched_on),),
        lines=document.priced.lines,
        totals=document.totals,
        tax_decision=decide_tax(lane.seller, buyer, order.shipping.address.country if is_customers else ""),
        payment_terms_days=plan.payment_terms_days,
    )


def _of_order(document: OrderDocument) -> dict[str, Any]:
    count = len(document.order.lines)
    items = document.fields.get("items")
    # The items of the message stand in the order of the lines; where their number differs, nobody can say which is whose.
    of_lines = items if isinstance(items, list) and len(items) == count else [{}] * count
    priced = document.priced.lines
    refs = [line.ref for line in document.order.lines]
    return {
        "order": {**document.fields, "ref": document.order.ref},
        "lines": [{**_line(line), "ref": ref, "item": item} for line, ref, item in zip(priced[:count], refs, of_lines, strict=True)],
        "shipping": _line(priced[count]) if len(priced) > count else {},
        "taxes": _taxes(document.totals),
        "totals": {**_sums(document.totals), "currency": document.priced.currency},
    }


def _of_invoice(document: Issued) -> dict[str, Any]:
    numbered = {"number": document.display_number, "series_number": document.number}
    return _read(document.draft, {**numbered, "issued_on": document.issued_on, "due_on": document.due_on})


def _read(draft: Draft, own: Mapping[str, Any]) -> dict[str, Any]:
    content = to_content(draft)
    return {
        "invoice": {**own, **{name: content[name] for name in _OF_INVOICE}},
        "seller": content["seller"],
        "buyer": content["buyer"],
        "orders": content["orders"],
        "lines": [{**_line(line), "is_shipping": line.sku == SHIPPING_SKU and not line.nominal_code} for line in draft.lines],
        "taxes": _taxes(draft.totals),
        "totals": {**_sums(draft.totals), "currency": draft.currency},
    }


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "order_ref": line.order_ref,
        "sku": line.sku,
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "net": line.net,
        "tax_category": line.tax.category.value,
        "tax_rate": _rate(line.tax.rate),
        "nominal_code": line.nominal_code,
    }


def _taxes(totals: Totals) -> list[dict[str, Any]]:
    rows = totals.subtotals
    return [{"category": row.category.value, "rate": _rate(row.rate), "net": row.net, "tax": row.tax, "reason": row.reason} for row in rows]


def _rate(value: Decimal) -> Decimal:
    """Without zeros at the end: a document would else have 0.20 of a table beside 0.2 of a message."""
    return Decimal(f"{value.normalize():f}")


def _sums(totals: Totals) -> dict[str, Any]:
    return {"net": totals.net, "tax": totals.tax, "total": totals.total}
