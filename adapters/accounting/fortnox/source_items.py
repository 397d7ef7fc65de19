"""Fortnox's records in the names of the public order message (facts: accounting-apis, B2.6, B2.8, B2.9)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.accounting.fortnox.records import Record, decimal_of, is_true, reference_of, text_of
from adapters.accounting.fortnox.sale import INVOICES, ORDERS, Resource
from application.ports.source import SourceItem

# How `sale.identity_of` begins: the mark is there as soon as the document is, whatever became of our memory of it.
_OURS = "billhook:"
_SIX = Decimal("0.000001")
_HUNDRED = Decimal(100)
_ADDRESS = ("Address1", "Address2", "ZipCode", "City", "Country")


@dataclass(frozen=True, slots=True)
class Kind:
    """What stands for an order. Orders and invoices are numbered alike: ``prefix`` tells them apart."""

    resource: Resource
    link_type: str
    day: str
    quantity: str
    prefix: str = ""


ORDER = Kind(ORDERS, "fortnox_order", "OrderDate", "OrderedQuantity")
INVOICE = Kind(INVOICES, "fortnox_invoice", "InvoiceDate", "DeliveredQuantity", "invoice-")


def is_marked(record: Record) -> bool:
    """Whether Billhook wrote it there."""
    return text_of(record, "ExternalInvoiceReference2").startswith(_OURS)


def order_item(record: Record, customer: Record, kind: Kind = ORDER, *, is_made_of_ours: bool = False) -> SourceItem:
    """An order or invoice with its customer's record."""
    number = text_of(record, "DocumentNumber")
    states = _states(record) if kind is ORDER else _invoice_states(record)
    made_on = _day(text_of(record, kind.day))
    fields = {
        "external_ref": text_of(record, "YourOrderNumber") or number,
        "status": 128 if "cancelled" in states else None,
        "status_name": states[0].capitalize(),
        "payment_status": next((state for state in states if state in {"paid", "unpaid"}), None),
        "creation_datetime": f"{made_on} 00:00:00" if made_on else None,
        "currency_code": text_of(record, "Currency"),
        **_billing(record, customer),
        **_delivery(record, customer),
        **_freight(record),
        "items": [*(_row(row, kind, is_true(record, "VATIncluded")) for row in _rows(record, kind)), *_fee(record)],
    }
    return SourceItem(
        remote_id=number,
        number=number,
        reference=text_of(record, "ExternalInvoiceReference1"),
        is_ours=is_made_of_ours or is_marked(record),
        statuses=frozenset(states),
        made_on=made_on,
        fields=fields,
        record={**record, "Customer": customer},
        prefix=kind.prefix,
    )


def _states(record: Record) -> list[str]:
    state = "cancelled" if is_true(record, "Cancelled") else "invoiced" if reference_of(record, "InvoiceReference") else "open"
    return [state, *(["sent"] if is_true(record, "Sent") else [])]


def _invoice_states(record: Record) -> list[str]:
    """A draft is not booked; what is booked is paid when nothing is left of it."""
    sent = ["sent"] if is_true(record, "Sent") else []
    if is_true(record, "Cancelled"):
        return ["cancelled", *sent]
    if not is_true(record, "Booked"):
        return ["draft", *sent]
    return ["booked", *sent, "unpaid" if decimal_of(record, "Balance") else "paid"]


def customer_item(record: Record) -> SourceItem:
    """A customer."""
    number = text_of(record, "CustomerNumber")
    return SourceItem(number, number, "", False, frozenset(), None, _party(record, record), record)  # noqa: FBT003 - is_ours


def _billing(record: Record, customer: Record) -> dict[str, Any]:
    """A document has the country by name only; the customer's code is of no use where it has another."""
    merged = {**customer, **{name: record.get(name) for name in _ADDRESS}}
    is_elsewhere = text_of(record, "Country") and text_of(record, "Country") != text_of(customer, "Country")
    fields = _party(merged, customer)
    return {**fields, "billing_country_code": ""} if is_elsewhere and text_of(customer, "Country") else fields


def _party(record: Record, customer: Record) -> dict[str, Any]:
    name = text_of(customer, "Name") or text_of(record, "CustomerName")
    is_person = text_of(customer, "Type") == "PRIVATE"
    # By this address the customer is known, here and there; the one for invoices is another matter.
    email = text_of(customer, "Email") or text_of(customer, "EmailInvoice")
    return {
        "billing_company": None if is_person else name,
        "billing_customer_name": name if is_person else text_of(customer, "YourReference"),
        "customer_name": name,
        "billing_customer_email": email,
        "customer_email": email,
        "customer_telephone": text_of(customer, "Phone1"),
        "billing_vat_number": text_of(customer, "VATNumber"),
        "billing_address_1": text_of(record, "Address1"),
        "billing_address_2": text_of(record, "Address2"),
        "billing_postcode": text_of(record, "ZipCode"),
        "billing_city": text_of(record, "City"),
        "billing_country": text_of(record, "Country"),
        "billing_country_code": text_of(customer, "CountryCode"),
    }


def _delivery(record: Record, customer: Record) -> dict[str, Any]:
    """Where no country is given it is the buyer's."""
    place = {
        "shipping_address_1": text_of(record, "DeliveryAddress1"),
        "shipping_address_2": text_of(record, "DeliveryAddress2"),
        "shipping_postcode": text_of(record, "DeliveryZipCode"),
        "shipping_city": text_of(record, "DeliveryCity"),
    }
    if not any(place.values()):
        return {}
    country = text_of(record, "DeliveryCountry")
    code = "" if country else text_of(customer, "DeliveryCountryCode") or _billing(record, customer)["billing_country_code"]
    return {
        **place,
        "shipping_company": text_of(record, "DeliveryName"),
        "shipping_country": country or ("" if code else text_of(record, "Country")),
        "shipping_country_code": code,
    }


def _freight(record: Record) -> dict[str, Any]:
    net, rate = _charge(record, "Freight")
    return {"shipping_price": str(net), "shipping_tax_rate": str(rate)} if net else {}


def _fee(record: Record) -> list[dict[str, Any]]:
    """The fee for the invoice has no row there, and is a line of its own elsewhere."""
    net, rate = _charge(record, "AdministrationFee")
    line = {"ref": "fee", "sku": "", "description": "Administration fee", "quantity": "1", "unit_cost_price": str(net)}
    return [{**line, "sale_vat_rate": str(rate)}] if net else []


def _charge(record: Record, name: str) -> tuple[Decimal, Decimal]:
    """Fortnox tells the amount of its VAT and not the rate, which is a whole percentage."""
    amount, vat = decimal_of(record, name) or Decimal(0), decimal_of(record, f"{name}VAT") or Decimal(0)
    net = amount - vat if is_true(record, "VATIncluded") else amount
    return net, (vat / net * _HUNDRED).quantize(Decimal(1)) / _HUNDRED if net else Decimal(0)


def _rows(record: Record, kind: Kind) -> list[Record]:
    """Those that something is sold with; rows of text have no quantity."""
    found = record.get(kind.resource.rows)
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return [row for row in rows if decimal_of(row, kind.quantity)]


def _row(row: Record, kind: Kind, is_vat_included: bool) -> dict[str, Any]:  # noqa: FBT001 - a field of the order
    quantity, price = decimal_of(row, kind.quantity) or Decimal(1), decimal_of(row, "Price") or Decimal(0)
    rate = (decimal_of(row, "VAT") or Decimal(0)) / _HUNDRED
    discount = decimal_of(row, "Discount") or Decimal(0)
    if text_of(row, "DiscountType") == "AMOUNT":
        price -= discount / quantity
    else:
        price -= price * discount / _HUNDRED
    net = price / (1 + rate) if is_vat_included else price
    return {
        "ref": text_of(row, "RowId"),
        "sku": text_of(row, "ArticleNumber"),
        "description": text_of(row, "Description"),
        "quantity": str(quantity),
        "unit_cost_price": f"{net.quantize(_SIX).normalize() if net else Decimal(0):f}",
        "sale_vat_rate": str(rate),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
