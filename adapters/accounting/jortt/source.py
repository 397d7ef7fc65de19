"""jortt's invoices or estimates, and its customers, read for a flow (facts: accounting-apis, B3.3, B3.6, B3.7).

jortt has no orders, and does not tell when a record changed: each round goes through all pages, and what is as it was is known by its
content. A credit note is no order: it is left out.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.errors import raise_for
from adapters.accounting.jortt.opening import JorttTools, _api
from adapters.accounting.jortt.papers import CREDIT_NOTE, ESTIMATE, INVOICE, Kind
from adapters.accounting.jortt.settings import settings_of
from application.ports.destination import LaneContext
from application.ports.source import Reading, SourceItem, SourcePage
from domain.companies.flow import FlowDocument, FlowObject
from domain.errors import TemporaryFailure

_SIX = Decimal("0.000001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class JorttSource:
    """The port ``Source``, on one visit; ``kind`` says what stands for an order."""

    api: JorttApi
    kind: Kind
    _customers: dict[str, Record] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return self.api.scope

    def link_types(self, what: FlowObject) -> tuple[str, ...]:
        return ("customer",) if what is FlowObject.CUSTOMERS else (INVOICE.type, ESTIMATE.type, CREDIT_NOTE.type)

    def read(self, what: FlowObject, cursor: str) -> SourcePage:
        page = json.loads(cursor)["page"] if cursor else 1
        path = self.kind.path if what is FlowObject.ORDERS else "/customers"
        records, is_last = self._page(path, page)
        # Who is in the archive is nobody's customer any more.
        customers = (customer_item(record) for record in records if record.get("archived") is not True)
        items = self._orders(records) if what is FlowObject.ORDERS else customers
        return SourcePage(items, "" if is_last else json.dumps({"page": page + 1}), is_last)

    def _page(self, path: str, page: int) -> tuple[list[Record], bool]:
        answer = self.api.vendor.call("GET", path, params={"page": page}, can_wait=True)
        raise_for(answer)
        document = answer.json()
        data = document.get("data") if isinstance(document, Mapping) else None
        if not isinstance(data, list):
            raise TemporaryFailure(f"jortt's answer to GET {path} cannot be read: {answer.shown()}")
        links = document.get("_links")
        has_next = bool(data and isinstance(links, Mapping) and links.get("next"))
        return [each for each in data if isinstance(each, Mapping)], not has_next

    def _orders(self, records: list[Record]) -> Iterator[SourceItem]:
        for listed in records:
            if listed.get("credited_invoice_id"):
                continue
            record = listed if "line_items" in listed else self.api.read(f"{self.kind.path}/{listed.get('id')}")
            if record is not None:
                yield order_item(record, self._customer(str(record.get("customer_id") or "")), self.kind)

    def _customer(self, customer_id: str) -> Record:
        if customer_id not in self._customers:
            self._customers[customer_id] = (self.api.read(f"/customers/{customer_id}") if customer_id else None) or {}
        return self._customers[customer_id]


@contextmanager
def open_jortt_source(lane: LaneContext, tools: JorttTools, reading: Reading) -> Iterator[JorttSource]:
    """The records of one lane's organisation."""
    kind = ESTIMATE if reading.document is FlowDocument.ESTIMATE else INVOICE
    with tools.open_session() as session:
        yield JorttSource(_api(lane, settings_of(lane), tools, session), kind)


def order_item(record: Record, customer: Record, kind: Kind) -> SourceItem:
    """A document with its customer's record; the document's own copy of the customer counts where it has one."""
    remote_id = _text(record, "id")
    status = _text(record, kind.status_name)
    number = _text(record, "invoice_number") or _text(record, "estimate_number")
    statuses = {status, *_paid(record, status), _text(record, "acceptance_status")} - {""}
    # An estimate tells no other day; to a flow that wants what is new, one that was changed is new.
    made_on = _day(_text(record, "invoice_date") or _text(record, "created_at")[:10] or _text(record, "sent_or_modified_on"))
    is_gross = bool(record.get("net_amounts"))
    factor = _discount(record)
    fields = {
        "external_ref": number or _text(record, "reference") or remote_id,
        "status_name": status.capitalize(),
        "payment_status": next(iter(_paid(record, status)), ""),
        "creation_datetime": f"{made_on} 00:00:00" if made_on else None,
        "currency_code": _currency(record),
        **_party({**customer, **_snapshot(record)}),
        "items": [_line(place, line, factor, is_gross) for place, line in enumerate(_lines(record), 1)],
    }
    return SourceItem(remote_id, number, _text(record, "reference"), False, frozenset(statuses), made_on, fields, _plain(record, customer))  # noqa: FBT003


def customer_item(record: Record) -> SourceItem:
    """A customer."""
    remote_id = _text(record, "id")
    return SourceItem(remote_id, remote_id, _text(record, "reference"), False, frozenset(), None, _party(record), dict(record))  # noqa: FBT003


def _party(record: Record) -> dict[str, Any]:
    name = _text(record, "customer_name")
    is_person = bool(record.get("is_private"))
    return {
        "billing_company": None if is_person else name,
        "billing_customer_name": name if is_person else _text(record, "attn"),
        "customer_name": name,
        "billing_customer_email": _text(record, "email"),
        "customer_email": _text(record, "email"),
        "customer_telephone": _text(record, "phonenumber"),
        "billing_vat_number": _text(record, "vat_number"),
        "billing_address_1": _text(record, "address_street"),
        "billing_address_2": _text(record, "address_extra_information"),
        "billing_postcode": _text(record, "address_postal_code"),
        "billing_city": _text(record, "address_city"),
        "billing_country_code": _text(record, "address_country_code"),
    }


def _snapshot(record: Record) -> dict[str, Any]:
    """The customer as the document has it, in the names of a customer's record."""
    found = {
        name.removeprefix("customer_"): record[name]
        for name in record
        if name.startswith(("customer_address_", "customer_attn", "customer_vat_number"))
    }
    named = _text(record, "customer_company_name")
    return {name: value for name, value in found.items() if value} | ({"customer_name": named} if named else {})


def _plain(record: Record, customer: Record) -> dict[str, Any]:
    return {**record, "customer": dict(customer)}


def _paid(record: Record, status: str) -> tuple[str, ...]:
    due = record.get("invoice_due_amount")
    if status != "sent" or not isinstance(due, Mapping):
        return ()
    return ("paid",) if _decimal(due.get("amount")) == 0 else ("unpaid",)


def _lines(record: Record) -> list[Record]:
    found = record.get("line_items")
    return [line for line in found if isinstance(line, Mapping)] if isinstance(found, list) else []


def _line(place: int, line: Record, factor: Decimal, is_gross: bool) -> dict[str, Any]:  # noqa: FBT001 - a field of the document
    amount, vat = line.get("amount"), line.get("vat")
    price = _decimal(amount.get("amount") if isinstance(amount, Mapping) else amount) * factor
    rate = _decimal(vat.get("value") if isinstance(vat, Mapping) else vat)
    net = price / (1 + rate) if is_gross else price
    return {
        "ref": str(place),
        "sku": "",
        "description": _text(line, "description"),
        "quantity": _text(line, "quantity") or "1",
        "unit_cost_price": f"{net.quantize(_SIX).normalize() if net else Decimal(0):f}",
        "sale_vat_rate": str(rate),
    }


def _discount(record: Record) -> Decimal:
    """What is left of each price after the document's discounts."""
    factor = Decimal(1)
    found = record.get("discounts")
    for each in found if isinstance(found, list) else ():
        factor *= 1 - _decimal(each.get("percentage")) / _HUNDRED
    return factor


def _currency(record: Record) -> str:
    amounts = [line.get("amount") for line in _lines(record)]
    return next((str(amount["currency"]) for amount in amounts if isinstance(amount, Mapping) and amount.get("currency")), "EUR")


def _decimal(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
