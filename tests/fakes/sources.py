"""An accounting system to read from, filled by tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from application.ports.destination import LaneContext
from application.ports.source import Reading, Source, SourceItem, SourcePage
from domain.companies.flow import FlowObject
from domain.errors import TemporaryFailure


def a_source_order(remote_id: str = "17", *, price: str = "100.00", **changes: Any) -> SourceItem:
    """An order of a consumer in Stockholm: 2 at a price, 25 %."""
    fields = {
        "external_ref": remote_id,
        "creation_datetime": "2026-11-20 00:00:00",
        "currency_code": "SEK",
        "customer_name": "Åsa Öberg",
        "customer_email": "asa@example.com",
        "billing_customer_name": "Åsa Öberg",
        "billing_address_1": "Kungsgatan 2",
        "billing_postcode": "111 43",
        "billing_city": "Stockholm",
        "billing_country_code": "SE",
        "items": [{"ref": "1", "sku": "", "description": "Mugg", "quantity": "2", "unit_cost_price": price, "sale_vat_rate": "0.25"}],
    }
    item = {
        "remote_id": remote_id,
        "number": f"N-{remote_id}",
        "reference": "",
        "is_ours": False,
        "statuses": frozenset({"open"}),
        "made_on": date(2026, 11, 20),
        "fields": {**fields, **changes.pop("fields", {})},
        "record": {},
    }
    return SourceItem(**{**item, **changes})


def a_source_customer(remote_id: str = "c-1", **fields: Any) -> SourceItem:
    """Åsa in Stockholm."""
    name = {"customer_name": "Åsa Öberg", "billing_customer_name": "Åsa Öberg"}
    person = {**name, "customer_email": "asa@example.com", "billing_city": "Stockholm"}
    return SourceItem(remote_id, remote_id, "", False, frozenset(), None, {**person, **fields}, {})


@dataclass
class InMemorySource:
    """``orders`` and ``customers`` are there; ``failures`` are raised by the next reads, ``reads`` are the cursors asked for."""

    orders: list[SourceItem] = field(default_factory=list)
    customers: list[SourceItem] = field(default_factory=list)
    page_size: int = 3
    failures: list[Exception] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    scope: str = "fortnox:1000"

    def link_types(self, what: FlowObject) -> tuple[str, ...]:
        return ("fortnox_order",) if what is FlowObject.ORDERS else ("customer",)

    def read(self, what: FlowObject, cursor: str) -> SourcePage:
        if self.failures:
            raise self.failures.pop()
        self.reads.append(cursor)
        page = int(cursor or 0)
        found = (self.orders if what is FlowObject.ORDERS else self.customers)[page * self.page_size : (page + 1) * self.page_size]
        is_last = len(found) < self.page_size
        return SourcePage(found, "" if is_last else str(page + 1), is_last)


@dataclass
class InMemorySources:
    """The port ``Sources``: one for every lane. ``refuses`` stands for a connection that is lost."""

    one: InMemorySource = field(default_factory=InMemorySource)
    refuses: str = ""

    def has(self, kind: str) -> bool:
        return kind != "pdf_emailer"

    @contextmanager
    def open(self, lane: LaneContext, reading: Reading) -> Iterator[Source]:
        if self.refuses:
            raise TemporaryFailure(self.refuses)
        yield self.one
