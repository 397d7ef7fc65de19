"""Fortnox's orders, read for a flow (facts: accounting-apis, B2.3, B2.9, B2.11).

A round asks for what changed since the round before began, page by page; a list holds too little, so each order is read by itself.
Fortnox tells times to the minute and in Swedish time, which has an hour twice a year: rounds overlap, and what comes again is known.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.errors import lane_problem, problem_of, refusal
from adapters.accounting.fortnox.opening import FortnoxTools, _api
from adapters.accounting.fortnox.records import Record, decimal_of, is_true, reference_of, text_of
from application.ports.clock import Clock
from application.ports.destination import LaneContext
from application.ports.source import SourceItem, SourcePage
from domain.companies.flow import FlowObject
from domain.errors import TemporaryFailure

_PAGE_SIZE = 50
_OVERLAP = timedelta(hours=2)
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_OK = range(200, 300)
_LINK_TYPES = {FlowObject.ORDERS: ("fortnox_order",), FlowObject.CUSTOMERS: ("customer",)}
# How `sale.identity_of` begins: the mark is there as soon as the document is, whatever became of our memory of it.
_OURS = "billhook:"
_SIX = Decimal("0.000001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class FortnoxSource:
    """The port ``Source``, on one visit."""

    api: FortnoxApi
    clock: Clock
    _customers: dict[str, Record] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return self.api.scope

    def link_types(self, what: FlowObject) -> tuple[str, ...]:
        return _LINK_TYPES[what]

    def read(self, what: FlowObject, cursor: str) -> SourcePage:
        place: dict[str, Any] = json.loads(cursor) if cursor else {"since": "", "page": 1, "began": ""}
        place["began"] = place["began"] or self.clock.now().isoformat()
        asked: dict[str, Any] = {"limit": _PAGE_SIZE, "page": place["page"]}
        if place["since"]:
            asked["lastmodified"] = _swedish(datetime.fromisoformat(place["since"]) - _OVERLAP)
        resource = what.value
        listed = self._listed(resource, resource.capitalize(), asked)
        is_last = len(listed) < _PAGE_SIZE
        then = {"since": place["began"], "page": 1, "began": ""} if is_last else {**place, "page": place["page"] + 1}
        items = self._orders(listed) if what is FlowObject.ORDERS else self._customer_items(listed)
        return SourcePage(items, json.dumps(then), is_last)

    def _listed(self, resource: str, wrapper: str, asked: dict[str, Any]) -> list[Record]:
        answer = self.api.vendor.call("GET", f"/{resource}", params=asked, can_wait=True)
        document = answer.json() if answer.status in _OK else None
        if answer.status not in _OK:
            raise lane_problem(answer) or refusal(problem_of(answer), f"GET /{resource}")
        found = document.get(wrapper) if isinstance(document, dict) else None
        if not isinstance(found, list):
            raise _unreadable(answer, resource)
        return [each for each in found if isinstance(each, dict)]

    def _orders(self, listed: list[Record]) -> Iterator[SourceItem]:
        for entry in listed:
            record = self.api.one(path_of("orders", text_of(entry, "DocumentNumber")), "Order", can_wait=True)
            if record is not None:
                yield order_item(record, self._customer(text_of(record, "CustomerNumber")))

    def _customer_items(self, listed: list[Record]) -> Iterator[SourceItem]:
        for entry in listed:
            yield customer_item(self._customer(text_of(entry, "CustomerNumber")))

    def _customer(self, number: str) -> Record:
        if number not in self._customers:
            self._customers[number] = self.api.one(path_of("customers", number), "Customer", can_wait=True) or {}
        return self._customers[number]


@contextmanager
def open_fortnox_source(lane: LaneContext, tools: FortnoxTools) -> Iterator[FortnoxSource]:
    """The records of one lane's company."""
    with tools.open_session() as session:
        yield FortnoxSource(_api(lane, tools, session), tools.pacer.clock)


def order_item(record: Record, customer: Record) -> SourceItem:
    """An order with its customer's record."""
    number = text_of(record, "DocumentNumber")
    state = "cancelled" if is_true(record, "Cancelled") else "invoiced" if reference_of(record, "InvoiceReference") else "open"
    statuses = {state, *(("sent",) if is_true(record, "Sent") else ())}
    made_on = _day(text_of(record, "OrderDate"))
    reference = text_of(record, "ExternalInvoiceReference1")
    fields = {
        "external_ref": text_of(record, "YourOrderNumber") or number,
        "status": 128 if state == "cancelled" else None,
        "status_name": state.capitalize(),
        "creation_datetime": f"{made_on} 00:00:00" if made_on else None,
        "currency_code": text_of(record, "Currency"),
        **_billing(record, customer),
        **_delivery(record),
        **_freight(record),
        "items": [_row(row, is_true(record, "VATIncluded")) for row in _rows(record)],
    }
    is_ours = text_of(record, "ExternalInvoiceReference2").startswith(_OURS)
    return SourceItem(number, number, reference, is_ours, frozenset(statuses), made_on, fields, {**record, "Customer": customer})


def customer_item(record: Record) -> SourceItem:
    """A customer."""
    number = text_of(record, "CustomerNumber")
    return SourceItem(number, number, "", False, frozenset(), None, _party(record, record), record)  # noqa: FBT003 - is_ours


def _billing(record: Record, customer: Record) -> dict[str, Any]:
    return _party({**customer, **{name: record.get(name) for name in ("Address1", "Address2", "ZipCode", "City", "Country")}}, customer)


def _party(record: Record, customer: Record) -> dict[str, Any]:
    name = text_of(customer, "Name") or text_of(record, "CustomerName")
    is_person = text_of(customer, "Type") == "PRIVATE"
    return {
        "billing_company": None if is_person else name,
        "billing_customer_name": name if is_person else text_of(customer, "YourReference"),
        "customer_name": name,
        "billing_customer_email": text_of(customer, "EmailInvoice") or text_of(customer, "Email"),
        "customer_email": text_of(customer, "Email"),
        "customer_telephone": text_of(customer, "Phone1"),
        "billing_vat_number": text_of(customer, "VATNumber"),
        "billing_address_1": text_of(record, "Address1"),
        "billing_address_2": text_of(record, "Address2"),
        "billing_postcode": text_of(record, "ZipCode"),
        "billing_city": text_of(record, "City"),
        "billing_country": text_of(record, "Country"),
        "billing_country_code": text_of(customer, "CountryCode"),
    }


def _delivery(record: Record) -> dict[str, Any]:
    if not text_of(record, "DeliveryAddress1"):
        return {}
    return {
        "shipping_company": text_of(record, "DeliveryName"),
        "shipping_address_1": text_of(record, "DeliveryAddress1"),
        "shipping_address_2": text_of(record, "DeliveryAddress2"),
        "shipping_postcode": text_of(record, "DeliveryZipCode"),
        "shipping_city": text_of(record, "DeliveryCity"),
        "shipping_country": text_of(record, "DeliveryCountry"),
    }


def _freight(record: Record) -> dict[str, Any]:
    """Fortnox tells the amount of the freight's VAT and not its rate, which is a whole percentage."""
    freight, vat = decimal_of(record, "Freight") or Decimal(0), decimal_of(record, "FreightVAT") or Decimal(0)
    if not freight:
        return {}
    net = freight - vat if is_true(record, "VATIncluded") else freight
    rate = (vat / net * _HUNDRED).quantize(Decimal(1)) / _HUNDRED if net else Decimal(0)
    return {"shipping_price": str(net), "shipping_tax_rate": str(rate)}


def _rows(record: Record) -> list[Record]:
    """Those that something is sold with; rows of text have no quantity."""
    found = record.get("OrderRows")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return [row for row in rows if decimal_of(row, "OrderedQuantity")]


def _row(row: Record, is_vat_included: bool) -> dict[str, Any]:  # noqa: FBT001 - a field of the order
    quantity, price = decimal_of(row, "OrderedQuantity") or Decimal(1), decimal_of(row, "Price") or Decimal(0)
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
        "unit_cost_price": str(net.quantize(_SIX).normalize() if net else Decimal(0)),
        "sale_vat_rate": str(rate),
    }


def _swedish(moment: datetime) -> str:
    return moment.astimezone(_STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _unreadable(answer: Answer, resource: str) -> TemporaryFailure:
    return TemporaryFailure(f"Fortnox's answer to GET /{resource} cannot be read: {answer.shown()}")
