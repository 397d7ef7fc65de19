"""Fortnox's orders or invoices, and its customers, read for a flow (facts: accounting-apis, B2.3, B2.8, B2.9, B2.11).

A round asks for what changed since the round before began, page by page; a list holds too little, so each record is read by itself.
Fortnox tells times to the minute and in Swedish time, which has an hour twice a year: rounds overlap, and what comes again is known.
Whether a payment counts as a change of its invoice is not documented: where paid ones are wanted, they are also asked for as such.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.errors import lane_problem, problem_of, refusal
from adapters.accounting.fortnox.opening import FortnoxTools, _api
from adapters.accounting.fortnox.records import Record, is_true, reference_of, text_of
from adapters.accounting.fortnox.sale import Resource
from adapters.accounting.fortnox.source_items import INVOICE, ORDER, Kind, customer_item, is_marked, order_item
from application.ports.clock import Clock
from application.ports.destination import LaneContext
from application.ports.source import Reading, SourceItem, SourcePage
from domain.companies.flow import FlowDocument, FlowObject
from domain.errors import TemporaryFailure

_PAGE_SIZE = 50
# Of a list that is looked through for a few: as many as there may be.
_LONG_PAGE_SIZE = 500
_OVERLAP = timedelta(hours=2)
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_OK = range(200, 300)
_PAID = "paid"


@dataclass(frozen=True, slots=True)
class FortnoxSource:
    """The port ``Source``, on one visit."""

    api: FortnoxApi
    clock: Clock
    reading: Reading
    _customers: dict[str, Record] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return self.api.scope

    def link_types(self, what: FlowObject) -> tuple[str, ...]:
        return (self._kind.link_type,) if what is FlowObject.ORDERS else ("customer",)

    def read(self, what: FlowObject, cursor: str) -> SourcePage:
        place: dict[str, Any] = json.loads(cursor) if cursor else {"since": "", "page": 1, "began": ""}
        place["began"] = place["began"] or self.clock.now().isoformat()
        asked, is_done = self._asked(what, place), place.get("paid") or not self._looks_for_paid(what, place)
        resource = self._kind.resource if what is FlowObject.ORDERS else Resource("customers", "Customer", "Customers", "")
        listed = self._listed(resource.name, resource.plural, asked)
        is_end = len(listed) < asked["limit"]
        then = {"since": place["began"], "page": 1, "began": ""} if is_end else {**place, "page": place["page"] + 1}
        if is_end and not is_done:
            then = {**place, "page": 1, "paid": True}
        items = self._orders(listed, place) if what is FlowObject.ORDERS else self._customer_items(listed)
        return SourcePage(items, json.dumps(then), bool(is_end and is_done))

    @property
    def _kind(self) -> Kind:
        return INVOICE if self.reading.document is FlowDocument.INVOICE else ORDER

    def _looks_for_paid(self, what: FlowObject, place: Mapping[str, Any]) -> bool:
        """The first round sees all that is there anyway."""
        return bool(what is FlowObject.ORDERS and self._kind is INVOICE and place["since"] and _PAID in self.reading.statuses)

    def _asked(self, what: FlowObject, place: Mapping[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = {"limit": _PAGE_SIZE, "page": place["page"]}
        is_first, first_day = not place["since"] or place.get("paid"), self.reading.first_day
        if place.get("paid"):
            asked |= {"limit": _LONG_PAGE_SIZE, "filter": "fullypaid"}
        elif place["since"]:
            asked["lastmodified"] = _swedish(datetime.fromisoformat(place["since"]) - _OVERLAP)
        if is_first and first_day is not None and what is FlowObject.ORDERS:
            asked["fromdate"] = first_day.isoformat()
        return asked

    def _listed(self, resource: str, wrapper: str, asked: dict[str, Any]) -> list[Record]:
        answer = self.api.vendor.call("GET", f"/{resource}", params=asked, can_wait=True)
        document = answer.json() if answer.status in _OK else None
        if answer.status not in _OK:
            raise lane_problem(answer) or refusal(problem_of(answer), f"GET /{resource}")
        found = document.get(wrapper) if isinstance(document, dict) else None
        if not isinstance(found, list):
            raise _unreadable(answer, resource)
        return [each for each in found if isinstance(each, dict)]

    def _orders(self, listed: list[Record], place: Mapping[str, Any]) -> Iterator[SourceItem]:
        kind = self._kind
        for number in self._not_taken(listed) if place.get("paid") else [text_of(entry, "DocumentNumber") for entry in listed]:
            record = self.api.one(path_of(kind.resource.name, number), kind.resource.wrapper, can_wait=True)
            # A credit note is no order.
            if record is not None and not is_true(record, "Credit"):
                customer = self._customer(text_of(record, "CustomerNumber"))
                yield order_item(record, customer, kind, is_made_of_ours=self._is_made_of_ours(record))

    def _not_taken(self, listed: list[Record]) -> list[str]:
        """What was taken before and changed comes with what changed."""
        prefix, numbers = self._kind.prefix, [text_of(entry, "DocumentNumber") for entry in listed if not is_marked(entry)]
        before = self.reading.taken([prefix + number for number in numbers])
        return [number for number in numbers if prefix + number not in before]

    def _is_made_of_ours(self, record: Record) -> bool:
        """Whether it is the invoice of an order that Billhook wrote: whether our marks go over to it is not documented."""
        number = "" if is_marked(record) else reference_of(record, "OrderReference")
        order = self.api.one(path_of(ORDER.resource.name, number), ORDER.resource.wrapper, can_wait=True) if number else None
        return order is not None and is_marked(order)

    def _customer_items(self, listed: list[Record]) -> Iterator[SourceItem]:
        for entry in listed:
            record = self._customer(text_of(entry, "CustomerNumber"))
            # Who is not active any more is nobody's customer; a flag that the app may not see says nothing.
            if record and text_of(record, "Active").lower() != "false":
                yield customer_item(record)

    def _customer(self, number: str) -> Record:
        if number not in self._customers:
            self._customers[number] = self.api.one(path_of("customers", number), "Customer", can_wait=True) or {}
        return self._customers[number]


@contextmanager
def open_fortnox_source(lane: LaneContext, tools: FortnoxTools, reading: Reading) -> Iterator[FortnoxSource]:
    """The records of one lane's company."""
    with tools.open_session() as session:
        yield FortnoxSource(_api(lane, tools, session), tools.pacer.clock, reading)


def _swedish(moment: datetime) -> str:
    return moment.astimezone(_STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def _unreadable(answer: Answer, resource: str) -> TemporaryFailure:
    return TemporaryFailure(f"Fortnox's answer to GET /{resource} cannot be read: {answer.shown()}")
