"""Deliveries: from what is owed to what became of it."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.ports.deliveries import Change, Delivery, DeliveryFilter
from domain.delivery.state import DeliveryState
from tests.contracts.persistence.lane_work import LATER, OTHER, claim, every, hand_over, owe, settle, states, take
from tests.contracts.persistence.stock import MAILER, NOW, SECRET_KEY, configure, seconds


def test_what_is_owed_is_pending_and_due_at_once(lanes: SqlUnitsOfWork) -> None:
    """With the kind and the company of its integration."""
    owe(lanes, 7)

    assert every(lanes) == [
        Delivery(
            delivery_id=every(lanes)[0].delivery_id,
            integration=MAILER,
            kind="pdf_emailer",
            company="501",
            subject="invoice",
            subject_id=7,
            state=DeliveryState.PENDING,
            attempts=0,
            due_at=NOW,
            handed_over=False,
            resends=0,
            remote_id="",
            remote_url="",
            last_error="",
            next_step="",
            created_at=NOW,
            updated_at=NOW,
        )
    ]


def test_owing_the_same_again_changes_nothing(lanes: SqlUnitsOfWork) -> None:
    """A pair is owed once, also within one call, whatever became of it."""
    owe(lanes, 7, 7)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.DELIVERED, "delivered"))

    owe(lanes, 7, 8, at=LATER)

    assert states(lanes) == ["delivered", "pending"]


def test_claiming_takes_due_deliveries_in_order(lanes: SqlUnitsOfWork) -> None:
    """Pending and waiting ones, oldest first, up to the limit; what is due later stays."""
    owe(lanes, 5, 3, 9)
    owe(lanes, 4, at=LATER)
    lease = take(lanes)
    first = claim(lanes, lease, limit=1)
    settle(lanes, lease, Change(first[0].delivery_id, DeliveryState.WAITING, "retry_later", "busy", due_at=NOW))

    batch = claim(lanes, lease, limit=2)
    rest = claim(lanes, lease)

    assert [delivery.subject_id for delivery in batch] == [3, 5]
    assert [delivery.subject_id for delivery in rest] == [9]
    assert {delivery.state for delivery in [*batch, *rest]} == {DeliveryState.IN_FLIGHT}
    assert (batch[0].attempts, batch[0].last_error) == (1, "busy")
    assert claim(lanes, lease) == []


def test_what_waits_is_not_claimed_before_its_time(lanes: SqlUnitsOfWork) -> None:
    """Back-off is kept in the database."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.WAITING, "retry_later", due_at=NOW + seconds(0.000001)))

    assert claim(lanes, lease) == []
    with lanes() as uow:
        assert len(uow.deliveries.claim(lease, NOW + seconds(0.000001), 10)) == 1


def test_the_outcome_is_recorded_with_an_attempt(lanes: SqlUnitsOfWork) -> None:
    """State, remote name, error and next step; what is done is not due."""
    owe(lanes, 1, 2)
    lease = take(lanes)
    good, bad = claim(lanes, lease)
    delivered = Change(good.delivery_id, DeliveryState.DELIVERED, "delivered", remote_id="r-1", remote_url="https://x", duration_ms=12)
    refused = Change(bad.delivery_id, DeliveryState.NEEDS_HUMAN, "refused", "no such account", next_step="Make the account.")

    assert settle(lanes, lease, delivered, refused, at=LATER)

    good, bad = every(lanes)
    with lanes() as uow:
        [attempt] = uow.deliveries.attempts(bad.delivery_id)
        counts = uow.deliveries.count_by_state()
    assert (good.state, good.remote_id, good.remote_url, good.due_at, good.attempts) == ("delivered", "r-1", "https://x", None, 1)
    assert (bad.state, bad.last_error, bad.next_step, bad.due_at, bad.updated_at) == (
        "needs_human",
        "no such account",
        "Make the account.",
        None,
        LATER,
    )
    assert (attempt.state, attempt.outcome, attempt.detail, attempt.at, attempt.duration_ms) == (
        "needs_human",
        "refused",
        "no such account",
        LATER,
        0,
    )
    assert counts == {"delivered": 1, "needs_human": 1}


def test_a_worker_that_stops_spends_no_attempt(lanes: SqlUnitsOfWork) -> None:
    """What it gives back was not tried."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.PENDING, "stopped"))

    assert [(each.state, each.attempts, each.due_at) for each in every(lanes)] == [("pending", 0, NOW)]


def test_unknown_deliveries_are_looked_up_in_their_time(lanes: SqlUnitsOfWork) -> None:
    """And then delivered, or pending and not handed over any more."""
    owe(lanes, 1, 2)
    lease = take(lanes)
    batch = claim(lanes, lease)
    hand_over(lanes, lease, *batch)
    settle(lanes, lease, *(Change(each.delivery_id, DeliveryState.UNKNOWN, "unknown", "no answer", due_at=LATER) for each in batch))

    with lanes() as uow:
        early = uow.deliveries.unknown(lease, NOW, 10)
        unknown = uow.deliveries.unknown(lease, LATER, 10)
    settle(lanes, lease, Change(unknown[0].delivery_id, DeliveryState.DELIVERED, "delivered", remote_id="r"))
    settle(lanes, lease, Change(unknown[1].delivery_id, DeliveryState.PENDING, "not_there", due_at=NOW))

    assert early == []
    assert [each.handed_over for each in unknown] == [True, True]
    assert [(each.state, each.handed_over) for each in every(lanes)] == [("delivered", True), ("pending", False)]


def test_an_outcome_that_comes_after_a_person_decided_is_kept_as_an_attempt_only(lanes: SqlUnitsOfWork) -> None:
    """The look-up was under way when somebody called the delivery off."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.UNKNOWN, "unknown", due_at=NOW))
    with lanes() as uow:
        assert uow.deliveries.change(Change(delivery.delivery_id, DeliveryState.CANCELLED, "cancel"), DeliveryState.UNKNOWN, NOW)
        uow.commit()

    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.DELIVERED, "delivered", "found"))

    with lanes() as uow:
        last = uow.deliveries.attempts(delivery.delivery_id)[-1]
    assert states(lanes) == ["cancelled"]
    assert (last.state, last.outcome, last.detail) == ("cancelled", "delivered", "Came too late: found")


def test_a_person_changes_only_what_they_saw(lanes: SqlUnitsOfWork) -> None:
    """Where the state moved on meanwhile nothing happens; a step leaves an attempt and wakes the lane."""
    owe(lanes, 1)
    [delivery] = every(lanes)
    retry = Change(delivery.delivery_id, DeliveryState.PENDING, "retry", "mended")

    with lanes() as uow:
        wrong = uow.deliveries.change(retry, DeliveryState.NEEDS_HUMAN, NOW)
        right = uow.deliveries.change(Change(delivery.delivery_id, DeliveryState.CANCELLED, "cancel"), DeliveryState.PENDING, NOW)
        unheard = uow.deliveries.change(Change(10**9, DeliveryState.CANCELLED, "cancel"), DeliveryState.PENDING, NOW)
        attempts = uow.deliveries.attempts(delivery.delivery_id)
        uow.commit()

    assert (wrong, right, unheard) == (False, True, False)
    assert [attempt.outcome for attempt in attempts] == ["cancel"]


def test_what_a_person_calls_off_in_the_same_moment_is_not_claimed(postgresql_url: str) -> None:
    """The claim that waited for them sees the row as they left it."""
    engine = make_engine(postgresql_url)
    store = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))
    configure(store)
    owe(store, 1)
    lease = take(store)

    with ThreadPoolExecutor() as threads, store() as person:
        person.deliveries.change(Change(1, DeliveryState.CANCELLED, "cancel"), DeliveryState.PENDING, NOW)
        claimed = threads.submit(claim, store, lease)
        _wait_for_a_waiting_session(engine)
        person.commit()

        assert claimed.result(30) == []
    assert states(store) == ["cancelled"]
    engine.dispose()


def _wait_for_a_waiting_session(engine: Engine) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(waiting).scalar():
            pass


def test_only_sending_again_what_was_delivered_counts_as_a_resend(lanes: SqlUnitsOfWork) -> None:
    """A retry keeps the token of the sending."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)
    hand_over(lanes, lease, delivery)
    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "refused"))
    resends = []

    steps = (
        (DeliveryState.NEEDS_HUMAN, DeliveryState.PENDING),
        (DeliveryState.PENDING, DeliveryState.DELIVERED),
        (DeliveryState.DELIVERED, DeliveryState.PENDING),
    )
    for before, after in steps:
        with lanes() as uow:
            uow.deliveries.change(Change(delivery.delivery_id, after, "step"), before, NOW)
            found = uow.deliveries.find(delivery.delivery_id)
            uow.commit()
        assert found is not None
        resends.append((found.resends, found.handed_over))

    assert resends == [(0, False), (0, False), (1, False)]


def test_lists_filter_and_page_by_id(lanes: SqlUnitsOfWork) -> None:
    """Every filter narrows."""
    owe(lanes, 1, 2)
    owe(lanes, 1, integration=OTHER, at=LATER)
    claim(lanes, take(lanes), limit=1)

    def listed(after: int = 0, limit: int = 10, **wanted: object) -> list[tuple[str, int]]:
        with lanes() as uow:
            found = uow.deliveries.list(DeliveryFilter(**wanted), after, limit)  # type: ignore[arg-type]
            return [(each.integration, each.subject_id) for each in found]

    assert listed() == [(MAILER, 1), (MAILER, 2), (OTHER, 1)]
    assert listed(after=every(lanes)[0].delivery_id, limit=1) == [(MAILER, 2)]
    assert listed(state="in_flight") == [(MAILER, 1)]
    assert listed(integration=OTHER) == [(OTHER, 1)]
    assert listed(company="777") == []
    assert listed(since=LATER) == [(OTHER, 1)]
    assert listed(subject="invoice", subject_id=1) == [(MAILER, 1), (OTHER, 1)]
    assert listed(subject="order") == []


def test_a_nul_in_an_answer_does_not_stop_the_lane(lanes: SqlUnitsOfWork) -> None:
    """A remote side may answer with anything."""
    owe(lanes, 1)
    lease = take(lanes)
    [delivery] = claim(lanes, lease)

    settle(lanes, lease, Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "refused", "a\0b", remote_id="c\0d"))

    assert [(each.last_error, each.remote_id) for each in every(lanes)] == [("a\ufffdb", "c\ufffdd")]
