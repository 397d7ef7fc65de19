"""Orders owed to integrations that take orders; on SQLite and PostgreSQL."""

from decimal import Decimal

import pytest

from application.ports.destination import OrderDocument
from domain.delivery.outcome import Delivered
from tests.factories import a_company, a_configuration, an_integration
from tests.integration.use_cases.house import House, a_message

LANE = "501/generic_filesystem"


@pytest.fixture
def dropping_orders(house: House) -> House:
    """Company 501 with a file drop for its orders, beside its e-mailer."""
    both = [an_integration(), an_integration(kind="generic_filesystem", settings={})]
    house.configure(a_configuration(a_company(), integrations={each.path: each for each in both}, revision=2))
    return house


def test_an_order_is_owed_once_it_is_billable_and_only_once(dropping_orders: House) -> None:
    dropping_orders.feed(a_message(version=1, status=1, status_name="Received", dispatch_datetime=None))
    assert dropping_orders.deliveries() == []

    dropping_orders.feed(a_message(version=2))
    dropping_orders.feed(a_message(version=3, status=64))

    assert [(delivery.integration, delivery.subject) for delivery in dropping_orders.deliveries()] == [(LANE, "order")]
    assert dropping_orders.drain(LANE) == 1
    assert dropping_orders.states() == ["delivered"]
    assert dropping_orders.problems() == []


def test_the_destination_gets_the_newest_order_with_its_prices_and_its_own_fields(dropping_orders: House) -> None:
    seen: list[OrderDocument] = []
    dropping_orders.destinations.one.plan = lambda consignment: seen.append(consignment.document) or Delivered("x")
    dropping_orders.feed(a_message(version=1), a_message(version=2, gift_note="Happy birthday", weight=1.25))

    dropping_orders.drain(LANE)

    [document] = seen
    assert (document.order.ref, document.order.version) == ("90001", 2)
    assert (document.fields["gift_note"], document.fields["weight"]) == ("Happy birthday", Decimal("1.25"))
    assert (document.totals.net, document.totals.tax, document.totals.total) == (Decimal("16.00"), Decimal("3.20"), Decimal("19.20"))


def test_an_order_put_on_hold_before_it_was_sent_is_skipped_and_sent_when_released(dropping_orders: House) -> None:
    dropping_orders.feed(a_message(version=1))
    dropping_orders.feed(a_message(version=2, status=256))

    dropping_orders.drain(LANE)
    assert dropping_orders.states() == ["skipped"]
    dropping_orders.feed(a_message(version=3))

    assert dropping_orders.states() == ["pending"]
    dropping_orders.drain(LANE)
    assert dropping_orders.destinations.one.arrived == ["dlv-1-0"]


def test_an_order_that_becomes_billable_by_a_change_of_the_configuration_is_owed(dropping_orders: House) -> None:
    dropping_orders.feed(a_message(company_ref_id=502))
    other = an_integration(company="502", kind="generic_filesystem", settings={})

    dropping_orders.configure(a_configuration(a_company(), a_company(ref="502"), integrations={other.path: other}, revision=3))

    assert [delivery.integration for delivery in dropping_orders.deliveries()] == ["502/generic_filesystem"]


def test_orders_go_beside_invoices_and_neither_waits_for_the_other(dropping_orders: House) -> None:
    dropping_orders.feed(a_message())
    dropping_orders.run()

    assert dropping_orders.drain(LANE) == 1
    assert dropping_orders.drain("501/pdf_emailer") == 1

    assert sorted(dropping_orders.states()) == ["delivered", "delivered"]
    assert dropping_orders.problems() == []
