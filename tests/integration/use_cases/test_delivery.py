"""Draining a lane: outcomes, crashes, leases; on SQLite and PostgreSQL."""

import pytest

from application.ports.deliveries import DeliveryFilter
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.drain_lane import DrainLane
from application.use_cases.sweep import Sweep, SweepHandler
from domain.companies.plan import Layout
from domain.delivery.outcome import ConnectionLost, Delivered, Refused, RetryLater, Unknown
from domain.errors import Invalid
from tests.factories import a_company, a_configuration, a_plan
from tests.integration.use_cases.house import LANE, House, a_message


@pytest.fixture
def three_invoices(house: House) -> House:
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in (1, 2, 3)))
    house.run()
    return house


def due_lanes(house: House) -> tuple[str, ...]:
    return SweepHandler(house.units_of_work, house.hints, house.clock)(Sweep()).lanes


def change(house: House, action: Action, *ids: int) -> list[bool]:
    handler = ChangeDeliveriesHandler(house.units_of_work, house.destinations, house.hints, house.clock)
    return [result.changed for result in handler(ChangeDeliveries(action, "ann", "because", ids))]


def test_a_lane_is_drained_in_order_over_one_connection(three_invoices: House) -> None:
    assert due_lanes(three_invoices) == (LANE,)

    assert three_invoices.drain() == 3

    assert three_invoices.destinations.one.arrived == ["dlv-1-0", "dlv-2-0", "dlv-3-0"]
    assert three_invoices.destinations.one.opened == 1
    assert three_invoices.states() == ["delivered"] * 3
    assert due_lanes(three_invoices) == ()
    assert three_invoices.problems() == []


def test_a_refusal_waits_for_a_person_and_the_others_go_on(three_invoices: House) -> None:
    three_invoices.destinations.one.plan = lambda consignment: (
        Refused("no_such_mailbox", "550 unknown", "Retry {delivery}.") if consignment.delivery_id == 2 else _default(consignment)
    )

    three_invoices.drain()

    assert three_invoices.states() == ["delivered", "needs_human", "delivered"]
    assert three_invoices.deliveries()[1].next_step == "Retry dlv_2."
    with three_invoices.units_of_work() as uow:
        [mail] = uow.alerts.unsent(three_invoices.clock.now().replace(year=2030), 10)
    assert "dlv_2" in mail.alerts[0].text
    three_invoices.destinations.one.plan = _default
    assert change(three_invoices, Action.RETRY, 2, 3) == [True, False]
    three_invoices.drain()
    assert three_invoices.states() == ["delivered"] * 3


def _default(_consignment):
    from domain.delivery.outcome import Delivered  # noqa: PLC0415

    return Delivered("remote")


def test_a_temporary_refusal_is_tried_again_when_it_is_due(three_invoices: House) -> None:
    three_invoices.destinations.one.plan = lambda _consignment: RetryLater("mailbox busy", after_s=120)
    three_invoices.drain()
    assert three_invoices.states() == ["waiting"] * 3
    assert due_lanes(three_invoices) == ()
    three_invoices.destinations.one.plan = _default

    three_invoices.clock.advance(seconds=121)

    assert due_lanes(three_invoices) == (LANE,)
    three_invoices.drain()
    assert three_invoices.states() == ["delivered"] * 3


def test_a_lane_whose_connection_fails_is_parked_with_the_reason_and_tried_later(three_invoices: House) -> None:
    three_invoices.destinations.one.refuses_to_open = "the mail server is away"
    three_invoices.drain()
    assert due_lanes(three_invoices) == ()
    assert {delivery.last_error for delivery in three_invoices.deliveries()} == {"the mail server is away"}
    three_invoices.destinations.one.refuses_to_open = ""

    three_invoices.clock.advance(hours=1)
    three_invoices.drain()

    assert three_invoices.states() == ["delivered"] * 3


def test_a_connection_lost_midway_leaves_the_rest_pending(three_invoices: House) -> None:
    three_invoices.destinations.one.plan = lambda consignment: (
        ConnectionLost("cut") if consignment.delivery_id == 2 else _default(consignment)
    )

    three_invoices.drain()

    assert three_invoices.states() == ["delivered", "pending", "pending"]
    three_invoices.destinations.one.plan = _default
    three_invoices.clock.advance(hours=1)
    three_invoices.drain()
    assert three_invoices.destinations.one.arrived == ["dlv-1-0", "dlv-2-0", "dlv-3-0"]


@pytest.mark.parametrize("arrives", [True, False])
def test_an_unknown_outcome_is_looked_up_before_anything_is_sent_again(three_invoices: House, arrives: bool) -> None:
    destination = three_invoices.destinations.one
    destination.plan = lambda _consignment: Unknown("no answer")
    destination.arrives_all_the_same = arrives
    three_invoices.drain()
    assert three_invoices.states() == ["unknown"] * 3
    destination.plan = _default

    three_invoices.clock.advance(minutes=1)
    three_invoices.drain()

    assert three_invoices.states() == ["delivered"] * 3
    assert sorted(destination.arrived) == ["dlv-1-0", "dlv-2-0", "dlv-3-0"]


def test_what_cannot_be_looked_up_is_left_to_a_person_with_the_way_to_find_out(three_invoices: House) -> None:
    destination = three_invoices.destinations.one
    destination.can_be_asked = False
    destination.plan = lambda _consignment: Unknown("no answer")
    three_invoices.drain()
    three_invoices.clock.advance(minutes=1)

    three_invoices.drain()

    assert three_invoices.states() == ["needs_human"] * 3
    assert "Look into the mailbox." in three_invoices.deliveries()[0].next_step
    assert change(three_invoices, Action.DELIVERED, 1) == [True]
    assert three_invoices.states() == ["delivered", "needs_human", "needs_human"]


class _Killed(BaseException):
    """As if the process died: nothing of ours catches it."""


@pytest.mark.parametrize(("dies_after_handing_over", "expected"), [(True, "unknown"), (False, "pending")])
def test_after_a_crash_what_was_handed_over_is_looked_up_and_what_was_not_is_sent(
    three_invoices: House, dies_after_handing_over: bool, expected: str
) -> None:
    destination = three_invoices.destinations.one

    def dies(consignments, handing_over):
        if dies_after_handing_over:
            handing_over(consignments[:1])
        raise _Killed
        yield

    normal, destination.deliver = destination.deliver, dies
    with pytest.raises(_Killed):
        three_invoices.drain()
    assert three_invoices.states()[0] == "in_flight"
    assert three_invoices.a_worker("worker-2")(DrainLane(LANE)) == 0, "the lease still lives"
    destination.deliver = normal
    three_invoices.clock.advance(seconds=61)

    with three_invoices.units_of_work() as uow:
        uow.deliveries.take_lease(LANE, "worker-2", three_invoices.clock.now(), three_invoices.clock.now())
        uow.commit()

    assert three_invoices.states()[0] == expected
    three_invoices.clock.advance(minutes=5)
    three_invoices.drain()
    three_invoices.clock.advance(minutes=5)
    three_invoices.drain()
    assert three_invoices.states() == ["delivered"] * 3
    assert sorted(destination.arrived) == ["dlv-1-0", "dlv-2-0", "dlv-3-0"]


def test_a_late_worker_sends_and_writes_nothing_once_another_has_the_lane(three_invoices: House) -> None:
    destination = three_invoices.destinations.one
    second = three_invoices.a_worker("worker-2")

    def stalls(consignments, handing_over):
        three_invoices.clock.advance(seconds=61)
        destination.deliver = normal
        second(DrainLane(LANE))
        handing_over(consignments[:1])
        raise AssertionError("a late worker was allowed to send")
        yield

    normal, destination.deliver = destination.deliver, stalls

    assert three_invoices.drain() == 0

    assert sorted(destination.arrived) == ["dlv-1-0", "dlv-2-0", "dlv-3-0"]
    assert three_invoices.states() == ["delivered"] * 3
    assert three_invoices.problems() == []


def test_a_fault_of_ours_in_one_document_stops_no_other(three_invoices: House) -> None:
    destination = three_invoices.destinations.one
    normal = destination.deliver

    def faulty(consignments, handing_over):
        for consignment in consignments:
            if consignment.delivery_id == 2:
                raise ZeroDivisionError
            yield from normal([consignment], handing_over)

    destination.deliver = faulty
    three_invoices.drain()
    three_invoices.clock.advance(hours=1)
    three_invoices.drain()

    assert three_invoices.states() == ["delivered", "needs_human", "delivered"]
    assert "internal_fault" in three_invoices.deliveries()[1].last_error


def test_a_resend_is_a_new_sending_and_a_cancelled_delivery_is_never_sent(three_invoices: House) -> None:
    assert change(three_invoices, Action.CANCEL, 3) == [True]
    three_invoices.drain()
    assert change(three_invoices, Action.RESEND, 1) == [True]

    three_invoices.drain()

    assert three_invoices.destinations.one.arrived == ["dlv-1-0", "dlv-2-0", "dlv-1-1"]
    assert three_invoices.states() == ["delivered", "delivered", "cancelled"]
    assert three_invoices.problems() == []


def test_a_resend_says_beforehand_what_it_does_there(three_invoices: House) -> None:
    """Of one delivered, one never handed over, and one that may have arrived; a retry has nothing to say."""
    house = three_invoices
    assert change(house, Action.CANCEL, 2) == [True]
    house.destinations.one.plan = lambda consignment: Delivered("remote") if consignment.delivery_id == 1 else Unknown("no answer")
    house.drain()
    assert change(house, Action.CANCEL, 3) == [True]
    handler = ChangeDeliveriesHandler(house.units_of_work, house.destinations, house.hints, house.clock)

    changes = handler(ChangeDeliveries(Action.RESEND, "ann", "asked for", (1, 2, 3), dry_run=True))

    assert [each.effect for each in changes] == [
        "It sends a second one by pdf_emailer.",
        "It is cancelled and was never handed over: it is sent as for the first time.",
        "It is cancelled and may have arrived before. It sends a second one by pdf_emailer.",
    ]
    assert house.states() == ["delivered", "cancelled", "cancelled"]


def test_an_id_that_is_named_twice_is_changed_once(three_invoices: House) -> None:
    """A slip of the fingers is no failure."""
    assert change(three_invoices, Action.CANCEL, 2, 2) == [True]
    assert three_invoices.states() == ["pending", "cancelled", "pending"]


def test_a_filter_that_finds_too_many_changes_none(three_invoices: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million in one transaction would hold up the lanes: a person takes them in parts, or in batches where there is a way."""
    monkeypatch.setattr("application.use_cases.change_deliveries._DELIVERIES_MAX", 2)
    handler = ChangeDeliveriesHandler(three_invoices.units_of_work, three_invoices.destinations, three_invoices.hints, three_invoices.clock)

    with pytest.raises(Invalid, match="more than 2 deliveries") as cancelled:
        handler(ChangeDeliveries(Action.CANCEL, "ann", wanted=DeliveryFilter(company="501")))
    with pytest.raises(Invalid) as retried:
        handler(ChangeDeliveries(Action.RETRY, "ann", wanted=DeliveryFilter(company="501")))

    assert three_invoices.states() == ["pending"] * 3
    assert "--since" in cancelled.value.next_step
    assert "billhook replay deliveries" in retried.value.next_step


def test_tries_without_end_are_given_up_for_a_person(three_invoices: House) -> None:
    three_invoices.destinations.one.plan = lambda _consignment: RetryLater("busy", after_s=1)

    for _ in range(20):
        three_invoices.drain()
        three_invoices.clock.advance(seconds=2)

    assert three_invoices.states() == ["needs_human"] * 3
    assert "Given up after 20 attempts" in three_invoices.deliveries()[0].last_error
