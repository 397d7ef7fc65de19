"""Incidents of lanes and deliveries: told when they begin, once a day while they last, and when they are over."""

from datetime import timedelta

import pytest

from application.ports.connections import Connection, ConnectionState
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.review_incidents import ReviewIncidents, ReviewIncidentsHandler
from domain.companies.plan import Layout
from domain.delivery.incident import Incident
from domain.delivery.outcome import ConnectionLost, Delivered, Refused, RetryLater
from domain.errors import DomainError
from tests.factories import a_company, a_configuration, a_plan, an_integration
from tests.fakes.destination import InMemoryDestination
from tests.integration.use_cases.house import LANE, House, a_message


@pytest.fixture
def three_invoices(house: House) -> House:
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in (1, 2, 3)))
    house.run()
    return house


def works(house: House) -> None:
    house.destinations.one.refuses_to_open = ""
    house.destinations.one.plan = lambda _: Delivered("remote")


def refuse(house: House, code: str = "account_missing") -> None:
    house.destinations.one.plan = lambda _: Refused(code, "No account 200.", "billhook deliveries retry {delivery}")


def fail(house: House, times: int) -> None:
    house.destinations.one.refuses_to_open = "Connection refused"
    for _ in range(times):
        house.drain()
        house.clock.advance(hours=5)


def review(house: House) -> int:
    return ReviewIncidentsHandler(house.units_of_work, house.clock)(ReviewIncidents())


def stays_over(house: House) -> list[int]:
    """How many ends are told a quarter of an hour later, by each of two who look."""
    house.clock.advance(minutes=15)
    return [review(house), review(house)]


def is_over(house: House) -> bool:
    """Whether the one incident is, once somebody has looked."""
    review(house)
    [incident] = incidents(house)
    return incident.resolved_at is not None


def incidents(house: House) -> list[Incident]:
    with house.units_of_work() as uow:
        return list(uow.incidents.list(0, 100, open_only=False))


def told(house: House) -> list[str]:
    """What is to be mailed, by event."""
    with house.units_of_work() as uow:
        mails = uow.alerts.unsent(house.clock.now() + timedelta(days=9), 100)
    return [f"{alert.key.split(':')[1]}: {alert.text}" for mail in mails for alert in mail.alerts]


def test_a_lane_that_fails_five_times_in_a_row_is_one_incident(three_invoices: House) -> None:
    """Before that it may pass; afterwards it is counted, not told again."""
    fail(three_invoices, 4)
    assert incidents(three_invoices) == []

    fail(three_invoices, 3)

    [incident] = incidents(three_invoices)
    assert (incident.cause, incident.subject, incident.count) == ("lane_failing", LANE, 3)
    assert told(three_invoices) == [f"opened: Nothing can be delivered to {LANE}: Connection refused"]


def test_it_is_over_when_something_is_delivered(three_invoices: House) -> None:
    """That is told once, with since when it lasted."""
    fail(three_invoices, 5)
    works(three_invoices)

    three_invoices.drain()
    three_invoices.drain()

    [incident] = incidents(three_invoices)
    assert incident.resolved_at == three_invoices.clock.now()
    assert len(told(three_invoices)) == 1
    assert stays_over(three_invoices) == [1, 0]
    opened, over = told(three_invoices)
    assert over.startswith("resolved: Over now, since 2026-11-2")
    assert opened.startswith("opened: ")


def test_what_comes_and_goes_is_told_once(three_invoices: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens, ends and opens again within minutes: one incident, one mail, and one more when it has stayed over."""
    house = three_invoices
    for number in range(3):
        with monkeypatch.context() as broken:
            broken.setattr(InMemoryDestination, "deliver", _refuses_the_key)
            house.drain()
        house.clock.advance(minutes=4)
        works(house)
        house.destinations.one.plan = _only(number + 1)
        house.drain()
        house.clock.advance(minutes=4)
        assert is_over(house)

    assert [text.partition(":")[0] for text in told(house)] == ["opened"]
    assert incidents(house)[0].count == 3
    assert stays_over(house) == [1, 0]
    assert [text.partition(":")[0] for text in told(house)] == ["opened", "resolved"]
    with house.units_of_work() as uow:
        assert [notice.event for notice in uow.incidents.due_notices(house.clock.now(), 10)] == ["opened"]


def test_what_comes_back_after_its_end_was_told_is_another_incident(three_invoices: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has put it right meanwhile, and must be told anew."""
    house = three_invoices
    for number in range(2):
        with monkeypatch.context() as broken:
            broken.setattr(InMemoryDestination, "deliver", _refuses_the_key)
            house.drain()
        house.clock.advance(minutes=4)
        house.destinations.one.plan = _only(number + 1)
        house.drain()
        stays_over(house)

    assert [text.partition(":")[0] for text in told(house)] == ["opened", "resolved"] * 2
    assert len(incidents(house)) == 2


def _refuses_the_key(_self: InMemoryDestination, *_: object) -> None:
    raise DomainError("host_key_changed", "The host key is another one.", "Compare it.")


def _only(delivery_id: int):  # type: ignore[no-untyped-def]
    return lambda consignment: Delivered("remote") if consignment.delivery_id == delivery_id else RetryLater("busy", after_s=1)


def test_what_does_not_pass_is_told_at_once(three_invoices: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the next step of the error."""

    def refuses(_self: InMemoryDestination, *_: object) -> None:
        raise DomainError("host_key_changed", "The host key is another one.", "Compare it.")

    monkeypatch.setattr(InMemoryDestination, "deliver", refuses)

    three_invoices.drain()

    [incident] = incidents(three_invoices)
    assert (incident.cause, incident.next_step) == ("host_key_changed", "Compare it.")
    assert incident.text == f"Nothing can be delivered to {LANE}: The host key is another one."


def test_deliveries_that_are_refused_for_one_reason_join_one_incident(three_invoices: House) -> None:
    """The mail that is not sent yet names how many; the first and the list of all are named."""
    refuse(three_invoices)

    three_invoices.drain()

    [incident] = incidents(three_invoices)
    assert (incident.cause, incident.count) == ("delivery_refused:account_missing", 3)
    assert incident.next_step == (
        f"billhook deliveries retry dlv_1. All of them: billhook deliveries list --integration {LANE} --state needs_human"
    )
    [mail] = told(three_invoices)
    assert "first dlv_1: account_missing: No account 200." in mail
    assert "(3 deliveries so far)" in mail


def test_another_reason_is_another_incident(three_invoices: House) -> None:
    """A lane that goes on delivering does not end them."""
    three_invoices.destinations.one.plan = lambda consignment: (
        Delivered("remote")
        if consignment.delivery_id == 3
        else Refused("tax_missing" if consignment.delivery_id == 2 else "account_missing", "No.", "")
    )

    three_invoices.drain()

    assert [(each.cause, each.resolved_at) for each in incidents(three_invoices)] == [
        ("delivery_refused:account_missing", None),
        ("delivery_refused:tax_missing", None),
    ]


def test_it_is_over_when_no_delivery_is_left(three_invoices: House) -> None:
    """Whatever became of them; until then the count is what is left."""
    refuse(three_invoices)
    three_invoices.drain()
    change = ChangeDeliveriesHandler(three_invoices.units_of_work, three_invoices.destinations, three_invoices.hints, three_invoices.clock)

    change(ChangeDeliveries(Action.CANCEL, "ann", "because", (1,)))
    assert review(three_invoices) == 0
    [incident] = incidents(three_invoices)
    assert (incident.count, incident.resolved_at) == (2, None)
    change(ChangeDeliveries(Action.DELIVERED, "ann", "because", (2, 3)))

    assert review(three_invoices) == 0
    [incident] = incidents(three_invoices)
    assert incident.resolved_at == three_invoices.clock.now()
    assert stays_over(three_invoices) == [1, 0]


def test_what_lasts_is_told_again_each_day(three_invoices: House) -> None:
    """Once, whoever looks."""
    refuse(three_invoices)
    three_invoices.drain()

    three_invoices.clock.advance(hours=23)
    early = review(three_invoices)
    three_invoices.clock.advance(hours=1)
    due = [review(three_invoices), review(three_invoices)]
    three_invoices.clock.advance(hours=24)

    assert (early, due, review(three_invoices)) == (0, [1, 0], 1)
    assert [text.split(":")[0] for text in told(three_invoices)] == ["opened", "reminded", "reminded"]


def test_a_lane_that_nothing_waits_for_is_over(three_invoices: House) -> None:
    """Its deliveries were called off."""
    fail(three_invoices, 5)
    assert review(three_invoices) == 0
    change = ChangeDeliveriesHandler(three_invoices.units_of_work, three_invoices.destinations, three_invoices.hints, three_invoices.clock)

    change(ChangeDeliveries(Action.CANCEL, "ann", "because", (1, 2, 3)))

    assert is_over(three_invoices)


def test_an_integration_that_is_switched_off_has_no_incidents(three_invoices: House) -> None:
    """Nobody waits for it."""
    fail(three_invoices, 5)
    off = an_integration(enabled=False)
    three_invoices.configure(a_configuration(integrations={off.path: off}, revision=3))

    assert is_over(three_invoices)


def test_a_lost_consent_is_over_when_it_is_given_again(three_invoices: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although nothing was delivered yet; a consent from before does not count."""
    house = three_invoices

    def refuses(_self: InMemoryDestination, *_: object) -> None:
        raise DomainError("needs_reauth", "Not connected.", "Connect again.")

    def connect() -> None:
        with house.units_of_work() as uow:
            uow.connections.save(Connection(LANE, ConnectionState.OK, connected_at=house.clock.now()), house.clock.now())
            uow.commit()

    monkeypatch.setattr(InMemoryDestination, "deliver", refuses)
    connect()
    house.clock.advance(minutes=1)
    house.drain()

    before = is_over(house)
    house.clock.advance(minutes=1)
    connect()

    assert (before, is_over(house)) == (False, True)


def test_a_lane_without_recipients_is_an_incident_all_the_same(house: House) -> None:
    """The list and the webhook know of it; there is no mail."""
    silent = an_integration(settings={})
    house.configure(a_configuration(integrations={silent.path: silent}, revision=2))
    house.feed(a_message("1"))
    house.run()
    refuse(house)

    house.drain()

    assert [each.recipients for each in incidents(house)] == [""]
    assert told(house) == []
    with house.units_of_work() as uow:
        [notice] = uow.incidents.due_notices(house.clock.now(), 10)
    assert notice.event == "opened"


def test_a_lost_connection_counts_as_a_failure_unless_something_was_delivered(three_invoices: House) -> None:
    """One document an hour is slow, and no incident."""
    for _ in range(3):
        three_invoices.destinations.one.plan = _one_then_lost(three_invoices)
        three_invoices.drain()
        three_invoices.clock.advance(hours=5)

    assert incidents(three_invoices) == []


def test_a_lost_connection_that_does_not_pass_is_told_at_once(three_invoices: House) -> None:
    """It came up only when a document was handed over: that is no reason to wait for the fifth time."""
    lost = ConnectionLost("The consent does not cover this call.", "scope_missing", "Connect again.")
    three_invoices.destinations.one.plan = lambda _: lost

    three_invoices.drain()

    [incident] = incidents(three_invoices)
    assert (incident.cause, incident.next_step) == ("scope_missing", "Connect again.")
    assert told(three_invoices) == [f"opened: Nothing can be delivered to {LANE}: {lost.reason}"]
    first, *_ = three_invoices.deliveries()
    assert (str(first.state), first.last_error) == ("pending", "The consent does not cover this call. Connect again.")


def _one_then_lost(house: House):  # type: ignore[no-untyped-def]
    arrived = len(house.destinations.one.arrived)

    def plan(_consignment: object) -> Delivered | ConnectionLost:
        return Delivered("remote") if len(house.destinations.one.arrived) == arrived else ConnectionLost("gone")

    return plan
