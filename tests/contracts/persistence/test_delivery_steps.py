"""The steps of a delivery with several effects: recorded once each, per sending."""

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Change, Delivery, Lease
from domain.delivery.state import DeliveryState
from tests.contracts.persistence.lane_work import LATER, claim, every, hand_over, owe, settle, states, take
from tests.contracts.persistence.stock import NOW, seconds


def record(lanes: SqlUnitsOfWork, lease: Lease, delivery: Delivery, step: str = "uploaded", remote_id: str = "/a.xml") -> bool:
    """Record a step; whether the lease still holds."""
    with lanes() as uow:
        recorded = uow.deliveries.record_step(lease, delivery.delivery_id, step, remote_id, NOW)
        uow.commit()
    return recorded


def steps_of(lanes: SqlUnitsOfWork, delivery: Delivery) -> dict[str, str]:
    """The steps of a delivery's present sending."""
    with lanes() as uow:
        return dict(uow.deliveries.steps([delivery.delivery_id]).get(delivery.delivery_id, {}))


def outcomes_of(lanes: SqlUnitsOfWork, delivery: Delivery) -> list[str]:
    """What was noted about a delivery so far."""
    with lanes() as uow:
        return [attempt.outcome for attempt in uow.deliveries.attempts(delivery.delivery_id)]


def one_handed_over(lanes: SqlUnitsOfWork) -> tuple[Lease, Delivery]:
    """A delivery that a worker is sending."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    assert hand_over(lanes, lease, delivery)
    return lease, delivery


def test_steps_are_kept_in_the_order_they_happened_with_what_each_left_behind(lanes: SqlUnitsOfWork) -> None:
    """Each with an attempt that names it."""
    lease, delivery = one_handed_over(lanes)
    with lanes() as uow:
        uow.deliveries.record_step(lease, delivery.delivery_id, "uploaded", "/orders/a.xml", NOW)
        uow.deliveries.record_step(lease, delivery.delivery_id, "announced", "", NOW + seconds(1))
        uow.commit()

    with lanes() as uow:
        attempts = uow.deliveries.attempts(delivery.delivery_id)
        steps = uow.deliveries.steps([delivery.delivery_id, 10**9])
    assert {each: list(found.items()) for each, found in steps.items()} == {
        delivery.delivery_id: [("uploaded", "/orders/a.xml"), ("announced", "")]
    }
    assert [(each.state, each.outcome, each.detail) for each in attempts] == [
        ("in_flight", "step_done", "uploaded: /orders/a.xml"),
        ("in_flight", "step_done", "announced"),
    ]


def test_the_same_step_a_second_time_changes_nothing(lanes: SqlUnitsOfWork) -> None:
    """Neither what it left behind, nor the note that the next step is under way."""
    lease, delivery = one_handed_over(lanes)
    record(lanes, lease, delivery)
    hand_over(lanes, lease, delivery)

    assert record(lanes, lease, delivery, remote_id="/another.xml")

    assert steps_of(lanes, delivery) == {"uploaded": "/a.xml"}
    assert outcomes_of(lanes, delivery) == ["step_done"]
    assert [each.handed_over for each in every(lanes)] == [True]


def test_a_crash_after_a_step_leaves_the_rest_to_be_sent(lanes: SqlUnitsOfWork) -> None:
    """It is pending, not unknown: nothing of what comes next was handed over."""
    lease, delivery = one_handed_over(lanes)
    record(lanes, lease, delivery)

    take(lanes, at=LATER, until=LATER + seconds(60))

    assert states(lanes) == ["pending"]
    assert steps_of(lanes, delivery) == {"uploaded": "/a.xml"}


def test_a_crash_in_the_step_after_leaves_it_to_be_looked_up(lanes: SqlUnitsOfWork) -> None:
    """It was handed over anew."""
    lease, delivery = one_handed_over(lanes)
    record(lanes, lease, delivery)
    hand_over(lanes, lease, delivery)

    take(lanes, at=LATER, until=LATER + seconds(60))

    assert states(lanes) == ["unknown"]


def test_a_step_that_a_look_up_found_is_recorded_and_the_rest_may_be_sent(lanes: SqlUnitsOfWork) -> None:
    """In one unit of work with what becomes of the delivery."""
    _, delivery = one_handed_over(lanes)
    lease = take(lanes, at=LATER, until=LATER + seconds(60))
    with lanes() as uow:
        recorded = uow.deliveries.record_step(lease, delivery.delivery_id, "uploaded", "/a.xml", LATER)
        uow.deliveries.settle(lease, [Change(delivery.delivery_id, DeliveryState.PENDING, "partly_there", due_at=NOW)], LATER)
        uow.commit()

    assert recorded
    assert [(each.state, each.handed_over) for each in every(lanes)] == [("pending", False)]
    assert outcomes_of(lanes, delivery) == ["lease_expired", "step_done", "partly_there"]


def test_a_late_worker_records_no_step(lanes: SqlUnitsOfWork) -> None:
    """A newer token has the lane."""
    late, delivery = one_handed_over(lanes)
    take(lanes, at=LATER, until=LATER + seconds(60))

    assert not record(lanes, late, delivery)

    assert steps_of(lanes, delivery) == {}
    assert outcomes_of(lanes, delivery) == ["lease_expired"]


def test_a_step_of_what_a_person_called_off_is_refused(lanes: SqlUnitsOfWork) -> None:
    """Nothing more may be sent of it."""
    lease, delivery = one_handed_over(lanes)
    with lanes() as uow:
        assert uow.deliveries.change(Change(delivery.delivery_id, DeliveryState.CANCELLED, "cancel"), DeliveryState.IN_FLIGHT, NOW)
        uow.commit()

    assert not record(lanes, lease, delivery)
    assert steps_of(lanes, delivery) == {}


def test_a_retry_keeps_the_steps_and_a_resend_starts_with_none(lanes: SqlUnitsOfWork) -> None:
    """A resend is a new sending."""
    lease, delivery = one_handed_over(lanes)
    record(lanes, lease, delivery)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "refused"))
    kept = []

    moves = (
        (DeliveryState.NEEDS_HUMAN, DeliveryState.PENDING),
        (DeliveryState.PENDING, DeliveryState.DELIVERED),
        (DeliveryState.DELIVERED, DeliveryState.PENDING),
    )
    for before, after in moves:
        with lanes() as uow:
            assert uow.deliveries.change(Change(delivery.delivery_id, after, "move"), before, NOW)
            uow.commit()
        kept.append(steps_of(lanes, delivery))

    assert kept == [{"uploaded": "/a.xml"}, {"uploaded": "/a.xml"}, {}]
    [again] = claim(lanes, lease)
    assert record(lanes, lease, again, remote_id="/a-r1.xml")
    assert steps_of(lanes, delivery) == {"uploaded": "/a-r1.xml"}


def test_a_nul_in_what_a_step_left_behind_does_not_stop_the_lane(lanes: SqlUnitsOfWork) -> None:
    """A remote side may answer with anything."""
    lease, delivery = one_handed_over(lanes)

    assert record(lanes, lease, delivery, remote_id="a\0b")
    assert steps_of(lanes, delivery) == {"uploaded": "a\ufffdb"}
