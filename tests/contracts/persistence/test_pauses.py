import pytest

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Owed
from application.ports.pauses import PauseScope, Queue, Stop
from tests import factories
from tests.contracts.persistence.stock import MAILER, NOW, configure, seconds

OTHER = "501/xero"
LATER = NOW + seconds(60)


@pytest.fixture
def lanes(units_of_work: SqlUnitsOfWork) -> SqlUnitsOfWork:
    """Two integrations of company 501, each with something due."""
    configure(units_of_work, factories.an_integration(), factories.an_integration(kind="xero"))
    with units_of_work() as uow:
        uow.deliveries.owe([Owed(MAILER, "invoice", 1), Owed(OTHER, "invoice", 1)], NOW)
        uow.runs.add("501", "slot", NOW)
        uow.commit()
    return units_of_work


def stop(units_of_work: SqlUnitsOfWork, scope: PauseScope, subject: str = "", *, until: object = None, reason: str = "outage") -> None:
    with units_of_work() as uow:
        uow.pauses.begin(Stop(scope, subject, reason, "ann", until), NOW)  # type: ignore[arg-type]
        uow.commit()


def due(units_of_work: SqlUnitsOfWork, at: object = NOW) -> tuple[list[str], int]:
    """The lanes and how many runs are due."""
    with units_of_work() as uow:
        return list(uow.deliveries.due_lanes(at, 10)), len(uow.runs.due(10, at))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "subject", "lanes_due", "runs_due"),
    [
        (PauseScope.FLEET, "", [], 0),
        (PauseScope.QUEUE, "delivery", [], 1),
        (PauseScope.QUEUE, "invoicing", [MAILER, OTHER], 0),
        (PauseScope.QUEUE, "intake", [MAILER, OTHER], 1),
        (PauseScope.VENDOR, "xero", [MAILER], 1),
        (PauseScope.COMPANY, "501", [], 0),
        (PauseScope.COMPANY, "777", [MAILER, OTHER], 1),
        (PauseScope.INTEGRATION, MAILER, [OTHER], 1),
    ],
)
def test_a_pause_stops_its_scope_and_nothing_else(
    lanes: SqlUnitsOfWork, scope: PauseScope, subject: str, lanes_due: list[str], runs_due: int
) -> None:
    """Until it is ended, which says who had stopped it."""
    stop(lanes, scope, subject)

    while_paused = due(lanes)
    with lanes() as uow:
        ended = uow.pauses.end(scope, subject, "bob", LATER)
        again = uow.pauses.end(scope, subject, "bob", LATER)
        uow.commit()

    assert while_paused == (lanes_due, runs_due)
    assert ended is not None
    assert (ended.actor, ended.reason) == ("ann", "outage")
    assert again is None
    assert due(lanes) == ([MAILER, OTHER], 1)


def test_a_pause_with_an_end_ends_by_itself(lanes: SqlUnitsOfWork) -> None:
    """At that instant."""
    stop(lanes, PauseScope.FLEET, until=LATER)

    assert due(lanes, LATER - seconds(0.001)) == ([], 0)
    assert due(lanes, LATER) == ([MAILER, OTHER], 1)
    with lanes() as uow:
        assert list(uow.pauses.open(LATER)) == []


def test_pausing_again_replaces_the_reason_and_the_end(lanes: SqlUnitsOfWork) -> None:
    """There is one pause of a scope and subject at a time."""
    stop(lanes, PauseScope.COMPANY, "501", until=LATER)
    stop(lanes, PauseScope.COMPANY, "501", reason="wrong prices")

    with lanes() as uow:
        [pause] = uow.pauses.open(LATER)
    assert (pause.reason, pause.until, pause.since) == ("wrong prices", None, NOW)


def test_the_widest_pause_is_told_first(lanes: SqlUnitsOfWork) -> None:
    """A lane may be stopped by several."""
    stop(lanes, PauseScope.INTEGRATION, MAILER)
    stop(lanes, PauseScope.FLEET)

    with lanes() as uow:
        of_lane, of_queue = uow.pauses.of_lane(MAILER, NOW), uow.pauses.of_queue(Queue.INTAKE, "", NOW)
        uow.pauses.end(PauseScope.FLEET, "", "ann", NOW)
        then, nothing = uow.pauses.of_lane(MAILER, NOW), uow.pauses.of_lane(OTHER, NOW)

    assert of_lane is not None
    assert of_queue is not None
    assert then is not None
    assert (of_lane.scope, of_queue.scope, then.scope, nothing) == (PauseScope.FLEET, PauseScope.FLEET, PauseScope.INTEGRATION, None)


def test_lanes_are_listed_with_what_is_open(lanes: SqlUnitsOfWork) -> None:
    """By path, page by page; a lease and a parking show while they last."""
    with lanes() as uow:
        uow.deliveries.owe([Owed(MAILER, "invoice", 2)], LATER)
        first, second = uow.deliveries.lanes("", None, NOW)
        only = uow.deliveries.lanes(MAILER, 1, NOW)
        lease = uow.deliveries.take_lease(MAILER, "worker-1", NOW, LATER)
        assert lease is not None
        uow.deliveries.park(lease, LATER, "busy", NOW)
        during, after = uow.deliveries.lanes("", 1, NOW)[0], uow.deliveries.lanes("", 1, LATER)[0]

    assert (first.integration, first.depth, first.oldest, first.next_at) == (MAILER, 2, NOW, NOW)
    assert (first.company, first.kind, first.enabled, first.owner, first.parked_until) == ("501", "pdf_emailer", True, "", None)
    assert [second.integration] == [lane.integration for lane in only] == [OTHER]
    assert (during.owner, during.parked_until, during.reason) == ("worker-1", LATER, "busy")
    assert (after.owner, after.parked_until, after.reason) == ("", None, "busy")
