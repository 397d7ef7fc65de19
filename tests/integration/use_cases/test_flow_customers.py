"""Customers in flows; on SQLite and PostgreSQL."""

from dataclasses import replace
from typing import Any

from application.ports.destination import CustomerDocument
from application.ports.remote_links import RemoteLink
from domain.companies.flow import Conflict as Word
from domain.companies.flow import FlowObject
from domain.delivery.outcome import Delivered
from tests.fakes.sources import a_source_customer
from tests.integration.use_cases.flow_house import FLOW, JORTT, FlowHouse


def customers_of(flowing: FlowHouse, word: Word) -> list[CustomerDocument]:
    """A flow of customers; what its target gets of them."""
    seen: list[CustomerDocument] = []

    def plan(consignment: Any) -> Delivered:
        seen.append(consignment.document)
        return Delivered("remote")

    flowing.house.destinations.one.plan = plan
    flowing.declare(replace(FLOW, objects=(FlowObject.CUSTOMERS,), conflicts=word))
    return seen


def test_a_customer_is_taken_once_and_what_changes_there_is_left(flowing: FlowHouse) -> None:
    """The target's word counts: one that it has is left alone."""
    seen = customers_of(flowing, Word.TARGET)
    flowing.source.customers = [a_source_customer()]
    reports = [flowing.run(), flowing.run()]
    flowing.source.customers = [a_source_customer(billing_city="Solna")]
    reports.append(flowing.run())
    flowing.house.drain(JORTT)

    assert [len(report.taken) for report in reports] == [1, 0, 0]
    assert [(each.subject, each.state) for each in flowing.house.deliveries()] == [("customer", "delivered")]
    assert [(each.order.billing.name, each.order.billing.address.city, each.overwrites) for each in seen] == [
        ("Åsa Öberg", "Stockholm", False)
    ]


def test_where_the_source_counts_each_change_is_delivered(flowing: FlowHouse) -> None:
    """Also one back to what it was."""
    seen = customers_of(flowing, Word.SOURCE)
    for city in ("Stockholm", "Solna", "Solna", "Stockholm"):
        flowing.source.customers = [a_source_customer(billing_city=city)]
        flowing.run()
        flowing.house.drain(JORTT)

    assert [each.order.billing.address.city for each in seen] == ["Stockholm", "Solna", "Stockholm"]
    assert {each.overwrites for each in seen} == {True}


def test_a_customer_that_billhook_wrote_there_is_not_taken_up(flowing: FlowHouse) -> None:
    """It is known by its link."""
    customers_of(flowing, Word.TARGET)
    with flowing.house.units_of_work() as uow:
        uow.remote_links.put("fortnox:1000", [RemoteLink("customer", "asa", "c-1")], flowing.house.clock.now())
        uow.commit()
    flowing.source.customers = [a_source_customer()]

    report = flowing.run()

    assert (report.ours, report.taken) == (1, [])
