"""Polling goes on whatever becomes of one run or one lane."""

from collections.abc import Callable
from typing import Any

import pytest

from application.use_cases.drain_lane import DrainLane
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.post_notices import PostNotices
from application.use_cases.send_alerts import SendAlerts
from application.use_cases.sweep import Sweep, Swept
from domain.errors import Conflict, TemporaryFailure
from entrypoints.polling import Polling
from tests.fakes.telemetry import RememberedTelemetry

MANY = 10


class Work:
    """A catalogue in which things are due until they were done; what is in ``fails`` raises each time."""

    def __init__(self, runs: tuple[int, ...], lanes: tuple[str, ...], **fails: Exception) -> None:
        self.runs, self.lanes = list(runs), list(lanes)
        self.fails = fails
        self.tried: list[object] = []
        self.swept: list[str] = []

    def sweep(self, command: Sweep) -> Swept:
        self.swept.append(command.after)
        return Swept(tuple(self.runs), tuple(self.lanes))

    def execute_run(self, command: ExecuteRun) -> None:
        self._try(command.run_id, self.runs.remove)

    def drain_lane(self, command: DrainLane) -> int:
        self._try(command.integration, self.lanes.remove)
        return 1

    def send_alerts(self, _command: SendAlerts) -> None:
        self.tried.append("alerts")

    def post_notices(self, _command: PostNotices) -> None:
        self.tried.append("notices")

    def _try(self, subject: Any, done: Callable[[Any], None]) -> None:
        self.tried.append(subject)
        if fault := self.fails.get(str(subject)):
            raise fault
        done(subject)


def polling(work: Any, threads: int = 1) -> tuple[Polling, RememberedTelemetry]:
    telemetry = RememberedTelemetry()
    return Polling(work, telemetry, threads), telemetry


@pytest.mark.parametrize("threads", [1, 3])
def test_a_refusal_or_a_fault_of_one_stops_no_other(threads: int) -> None:
    """Each is told once a round, and the round counts what was done."""
    work = Work((1, 2, 3), ("a", "b"), **{"1": Conflict("company_parked", "parked"), "2": ZeroDivisionError(), "a": ZeroDivisionError()})
    poller, telemetry = polling(work, threads)

    done = poller.work_once()

    assert done == 2
    assert (work.runs, work.lanes) == ([1, 2], ["a"])
    assert sorted((name, str(facts["subject"])) for name, facts in telemetry.events) == [
        ("fault", "a"),
        ("fault", "run_2"),
        ("refused", "run_1"),
    ]


def test_it_is_idle_when_nothing_but_failures_is_left() -> None:
    """It does not go round and round; alerts and notices are sent at the end."""
    work = Work((1, 2), (), **{"1": ZeroDivisionError()})

    polling(work)[0].work_until_idle()

    assert work.tried == [1, 2, 1, "alerts", "notices"]


def test_what_may_pass_is_raised_only_where_nothing_could_be_done() -> None:
    """One company's lock is no reason to put off the others."""
    work = Work((1, 2), (), **{"1": TemporaryFailure("locked")})
    poller, _ = polling(work)

    first = poller.work_once()
    with pytest.raises(TemporaryFailure, match="locked"):
        poller.work_once()

    assert (first, work.runs) == (1, [1])


def test_a_database_that_is_away_is_not_asked_for_every_lane() -> None:
    """After three failures the rest of the round is put off."""
    lanes = tuple(str(number) for number in range(MANY))
    work = Work((), lanes, **dict.fromkeys(lanes, TemporaryFailure("away")))

    with pytest.raises(TemporaryFailure, match="away"):
        polling(work)[0].work_once()

    assert work.tried == ["0", "1", "2"]


def test_each_round_begins_behind_the_lane_where_the_one_before_ended() -> None:
    """So that every lane gets its turn, however many are due."""
    work = Work((), ("a", "b"), a=ZeroDivisionError())
    poller, _ = polling(work)

    poller.work_once()
    work.lanes = ["c"]
    poller.work_once()

    assert work.swept == ["", "", "", "b"]
