"""Limits that Xero says are reached, before our own count comes to them."""

from datetime import timedelta

import pytest

from domain.delivery.outcome import RetryLater
from domain.errors import TemporaryFailure
from tests.contracts.accounting.xero.house import PATH, XeroHouse, all_delivered, an_invoice
from tests.contracts.accounting.xero.shop import bill
from tests.fakes.xero import faults
from tests.integration.use_cases.house import House

THREE = tuple(map(an_invoice, (1, 2, 3)))


def test_a_minute_limit_of_xeros_is_waited_for(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    house.xero.faults.next("/Invoices", faults.throttle("minute", 30), "PUT")

    [outcome] = house.deliver(THREE[1])

    assert isinstance(outcome, RetryLater)
    assert outcome.after_s == pytest.approx(30)
    with pytest.raises(TemporaryFailure) as parked:
        house.deliver(THREE[1])
    assert parked.value.retry_after_s == pytest.approx(30)
    house.clock.advance(seconds=31)
    assert all_delivered(house.deliver(THREE[1]))
    assert set(house.effects().values()) == {1}


def test_a_day_limit_parks_the_lane_for_hours(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    house.xero.faults.next("/Invoices", faults.throttle("day", 66_975), "PUT")
    house.deliver(THREE[1])

    with pytest.raises(TemporaryFailure) as parked:
        house.deliver(THREE[2])

    assert parked.value.retry_after_s == pytest.approx(66_975)
    assert "day" in parked.value.text


def test_a_day_limit_met_by_the_only_document_parks_its_lane_and_is_told_at_once(shop: House, house: XeroHouse) -> None:
    """Nobody else comes upon it, so this one must tell; it was no try of the document's."""
    house.xero.faults.next("/Invoices", faults.throttle("day", 66_975), "PUT")

    bill(shop, house, "1")

    with shop.units_of_work() as uow:
        [incident] = uow.incidents.open_about(PATH)
        due = [bool(uow.deliveries.due_lanes(shop.clock.now() + timedelta(hours=hours), 10)) for hours in (18, 19)]
    assert incident.cause == "day_limit"
    assert due == [False, True]
    assert [(str(each.state), each.attempts) for each in shop.deliveries()] == [("pending", 0)]
    shop.clock.advance(hours=19)
    shop.drain(PATH)
    assert shop.states() == ["delivered"]


def test_too_many_calls_at_a_time_are_only_a_nap(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    house.xero.faults.next("/Invoices", faults.throttle("concurrent", None), "PUT")

    assert all_delivered(house.deliver(THREE[1]))

    assert 0.5 <= sum(house.naps) <= 1.6
