"""Lanes: who may drain one, and when."""

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Change, Lease
from domain.delivery.state import DeliveryState
from tests import factories
from tests.contracts.persistence.lane_work import LATER, OTHER, claim, every, hand_over, owe, settle, states, take
from tests.contracts.persistence.stock import MAILER, NOW, configure, seconds


def test_due_lanes_come_in_turns(lanes: SqlUnitsOfWork) -> None:
    """By path behind the one asked last, then from the beginning, each once and only as many as asked for."""
    owe(lanes, 1, at=NOW)
    owe(lanes, 1, integration=OTHER, at=NOW - seconds(1))
    owe(lanes, 2, integration=OTHER, at=NOW + seconds(5))

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(NOW, 10)) == [MAILER, OTHER]
        assert list(uow.deliveries.due_lanes(NOW, 10, after=MAILER)) == [OTHER, MAILER]
        assert list(uow.deliveries.due_lanes(NOW, 1, after=MAILER)) == [OTHER]
        assert list(uow.deliveries.due_lanes(NOW, 10, after=OTHER)) == [MAILER, OTHER]
        assert list(uow.deliveries.due_lanes(NOW - seconds(2), 10)) == []


def test_a_lane_that_was_hinted_at_is_left_out_until_somebody_takes_it(lanes: SqlUnitsOfWork) -> None:
    """A hint that got lost counts no longer than the caller says."""
    owe(lanes, 1)
    with lanes() as uow:
        uow.deliveries.note_hints([MAILER], NOW)
        uow.commit()

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(NOW, 10, hinted_since=NOW - seconds(1))) == []
        assert list(uow.deliveries.due_lanes(NOW, 10, hinted_since=NOW)) == [MAILER]
        assert list(uow.deliveries.due_lanes(NOW, 10)) == [MAILER]
    take(lanes, until=NOW + seconds(1))
    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(NOW + seconds(2), 10, hinted_since=NOW - seconds(1))) == [MAILER]


def test_a_leased_lane_is_not_due_until_the_lease_ends(lanes: SqlUnitsOfWork) -> None:
    """Then it is due again for what was left in flight."""
    owe(lanes, 1)
    claim(lanes, take(lanes))

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(LATER - seconds(0.001), 10)) == []
        assert list(uow.deliveries.due_lanes(LATER, 10)) == [MAILER]


def test_a_lane_that_is_switched_off_or_gone_is_not_due(lanes: SqlUnitsOfWork) -> None:
    """Its deliveries stay."""
    owe(lanes, 1)
    owe(lanes, 1, integration=OTHER)
    configure(lanes, factories.an_integration(enabled=False))

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(NOW, 10)) == []
    assert states(lanes) == ["pending", "pending"]


def test_one_worker_holds_a_lane(lanes: SqlUnitsOfWork) -> None:
    """Until the lease ends or is given back; each holder has a newer token."""
    first = take(lanes)
    with lanes() as uow:
        assert uow.deliveries.take_lease(MAILER, "other", LATER - seconds(1), LATER) is None
    second = take(lanes, at=LATER, until=LATER + seconds(60))
    with lanes() as uow:
        uow.deliveries.release_lease(second)
        uow.commit()
    third = take(lanes, at=LATER)

    assert first.token < second.token < third.token


def test_so_many_lanes_of_one_company_are_held_at_once(lanes: SqlUnitsOfWork) -> None:
    """Other companies' lanes do not count, nor do leases that ended; who is refused may be hinted again at once."""
    configure(lanes, *(factories.an_integration(name=name) for name in ("a", "b", "c")), factories.an_integration(company="777"))
    first, second, third = (f"{MAILER}/{name}" for name in ("a", "b", "c"))
    owe(lanes, 1, integration=third)
    take(lanes, "777/pdf_emailer")
    with lanes() as uow:
        uow.deliveries.note_hints([third], NOW)
        held = [uow.deliveries.take_lease(lane, "worker", NOW, LATER, company_lanes_max=2) for lane in (first, second, third)]
        uow.commit()

    with lanes() as uow:
        assert [lease is not None for lease in held] == [True, True, False]
        assert list(uow.deliveries.due_lanes(NOW, 10, hinted_since=NOW - seconds(1))) == [third]
        assert uow.deliveries.take_lease(third, "worker", LATER, LATER + seconds(60), company_lanes_max=2) is not None


def test_a_lane_whose_lease_ended_may_be_taken_again_beside_a_full_company(lanes: SqlUnitsOfWork) -> None:
    """Only the other lanes of the company count."""
    take(lanes, until=NOW + seconds(1))
    with lanes() as uow:
        assert uow.deliveries.take_lease(MAILER, "worker", NOW + seconds(1), LATER, company_lanes_max=1) is not None
        assert uow.deliveries.take_lease(OTHER, "worker", NOW + seconds(1), LATER, company_lanes_max=1) is None


def test_a_lane_without_an_integration_can_be_leased(lanes: SqlUnitsOfWork) -> None:
    """Whatever one worker at a time should do may have a lane."""
    assert take(lanes, "alerts").integration == "alerts"


def test_a_lease_is_renewed_by_its_holder_only(lanes: SqlUnitsOfWork) -> None:
    """A newer token voids it."""
    old = take(lanes)
    with lanes() as uow:
        renewed = uow.deliveries.renew_lease(old, LATER + seconds(60))
        uow.commit()
    new = take(lanes, at=LATER + seconds(60), until=LATER + seconds(120))

    with lanes() as uow:
        assert renewed == Lease(MAILER, old.token, LATER + seconds(60))
        assert uow.deliveries.renew_lease(old, LATER + seconds(600)) is None
        uow.deliveries.release_lease(old)
        assert uow.deliveries.renew_lease(new, LATER + seconds(180)) is not None


def test_a_late_worker_is_refused_by_its_token(lanes: SqlUnitsOfWork) -> None:
    """It can neither claim, nor hand over, nor settle, and nothing of it is recorded."""
    owe(lanes, 1)
    late = take(lanes)
    [delivery] = claim(lanes, late)
    take(lanes, at=LATER, until=LATER + seconds(60))

    assert not hand_over(lanes, late, delivery)
    assert not settle(lanes, late, Change(delivery.delivery_id, DeliveryState.DELIVERED, "delivered"))
    assert claim(lanes, late) == []
    assert states(lanes) == ["pending"]


def test_what_a_dead_worker_left_is_taken_back(lanes: SqlUnitsOfWork) -> None:
    """Handed over means unknown, not handed over means pending; the attempts say why."""
    owe(lanes, 1, 2)
    dead = take(lanes)
    sent, unsent = claim(lanes, dead)
    assert hand_over(lanes, dead, sent)

    lease = take(lanes, at=LATER, until=LATER + seconds(60))

    assert states(lanes) == ["unknown", "pending"]
    with lanes() as uow:
        assert [sent.delivery_id] == [each.delivery_id for each in uow.deliveries.unknown(lease, LATER, 10)]
        reasons = [[attempt.outcome for attempt in uow.deliveries.attempts(each.delivery_id)] for each in (sent, unsent)]
    assert reasons == [["lease_expired"], ["lease_expired"]]


def test_what_was_claimed_under_an_older_token_cannot_be_handed_over(lanes: SqlUnitsOfWork) -> None:
    """It is not this worker's to send, although the lane is its own."""
    owe(lanes, 1, 2)
    mine = take(lanes)
    first, second = claim(lanes, mine)
    settle(lanes, mine, Change(second.delivery_id, DeliveryState.PENDING, "stopped"))

    assert not hand_over(lanes, mine, first, second)


def test_a_parked_lane_rests(lanes: SqlUnitsOfWork) -> None:
    """Nothing is due before the time; the reason shows; what was claimed is pending again; failures count up."""
    owe(lanes, 1)
    lease = take(lanes)
    claim(lanes, lease)
    with lanes() as uow:
        uow.deliveries.park(lease, LATER, "the host is down", NOW)
        uow.deliveries.release_lease(lease)
        uow.commit()

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(LATER - seconds(1), 10)) == []
        assert list(uow.deliveries.due_lanes(LATER, 10)) == [MAILER]
        assert uow.deliveries.take_lease(MAILER, "eager", LATER - seconds(1), LATER) is None
    assert [(each.state, each.last_error, each.attempts) for each in every(lanes)] == [("pending", "the host is down", 0)]
    assert take(lanes, at=LATER, until=LATER + seconds(60)).failures == 1


def test_a_delivery_ends_the_row_of_failures(lanes: SqlUnitsOfWork) -> None:
    """The reason is no longer shown either."""
    owe(lanes, 1, 2)
    lease = take(lanes)
    first, _ = claim(lanes, lease)
    with lanes() as uow:
        uow.deliveries.park(lease, NOW, "the host is down", NOW)
        uow.deliveries.release_lease(lease)
        uow.commit()
    lease = take(lanes)
    claim(lanes, lease)

    settle(lanes, lease, Change(first.delivery_id, DeliveryState.DELIVERED, "delivered"))

    with lanes() as uow:
        renewed = uow.deliveries.renew_lease(lease, LATER)
    assert renewed is not None
    assert renewed.failures == 0
    assert [each.last_error for each in every(lanes)] == ["", ""]


def test_a_late_worker_cannot_park_the_lane(lanes: SqlUnitsOfWork) -> None:
    """The newer one found the connection well."""
    owe(lanes, 1)
    late = take(lanes)
    take(lanes, at=LATER, until=LATER + seconds(1))

    with lanes() as uow:
        uow.deliveries.park(late, LATER + seconds(600), "the host is down", NOW)
        uow.commit()

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(LATER + seconds(1), 10)) == [MAILER]


def test_a_changed_configuration_wakes_parked_lanes(lanes: SqlUnitsOfWork) -> None:
    """It may be what they were waiting for."""
    owe(lanes, 1)
    lease = take(lanes)
    with lanes() as uow:
        uow.deliveries.park(lease, NOW + seconds(3600), "wrong password", NOW)
        uow.deliveries.release_lease(lease)
        uow.commit()

    configure(lanes)

    with lanes() as uow:
        assert list(uow.deliveries.due_lanes(NOW, 10)) == [MAILER]
