"""Doing all that is due by looking into the database: how a worker without a broker works, and how ``--until-idle`` does.

The broker's hints only make this faster; whoever polls and whoever is hinted call the same use cases.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from traceback import format_exception

from application.catalogue import Catalogue
from application.ports.telemetry import Telemetry
from application.use_cases.drain_lane import DrainLane
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.post_notices import PostNotices
from application.use_cases.send_alerts import SendAlerts
from application.use_cases.sweep import Sweep
from domain.errors import DomainError, TemporaryFailure

# So many failures that may pass mean that the database is away: what is left of the round would only wait for it, too.
_FAILURES_MAX = 3


@dataclass(slots=True)
class Polling:
    """Goes from turn to turn: each round begins behind the lane where the one before ended. Lanes go side by side."""

    catalogue: Catalogue
    telemetry: Telemetry
    threads: int = 1
    _last_lane: str = field(default="", init=False)

    def work_once(self) -> int:
        """Execute every due run, then drain every due lane; returns how much was done.

        One that fails hinders no other. TemporaryFailure is raised at the end, and only where nothing at all could be done.
        """
        runs = self.catalogue.sweep(Sweep(hints=False)).runs
        done, failures = self._do([(f"run_{run_id}", partial(self._execute, run_id)) for run_id in runs])
        lanes = self.catalogue.sweep(Sweep(self._last_lane, hints=False)).lanes
        self._last_lane = next(reversed(lanes), "")
        drained, more = self._do([(lane, partial(self.catalogue.drain_lane, DrainLane(lane))) for lane in lanes])
        for failure in (*failures, *more):
            if done + drained == 0:
                raise failure
        return done + drained

    def work_until_idle(self) -> None:
        """Do all that is due now, alerts too, and all that comes due meanwhile."""
        while self.work_once():
            pass
        self.catalogue.send_alerts(SendAlerts())
        self.catalogue.post_notices(PostNotices())

    def _execute(self, run_id: int) -> int:
        self.catalogue.execute_run(ExecuteRun(run_id))
        return 1

    def _do(self, jobs: Sequence[tuple[str, Callable[[], int]]]) -> tuple[int, list[TemporaryFailure]]:
        failures: list[TemporaryFailure] = []
        done = _side_by_side(self.threads, [partial(self._attempt, subject, job, failures) for subject, job in jobs])
        return done, failures

    def _attempt(self, subject: str, job: Callable[[], int], failures: list[TemporaryFailure]) -> int:
        if len(failures) >= _FAILURES_MAX:
            return 0
        try:
            return job()
        except TemporaryFailure as failure:
            failures.append(failure)
            self.telemetry.problem("put_off", subject=subject, reason=failure.text)
        except DomainError as refusal:
            self.telemetry.problem("refused", subject=subject, code=refusal.code, reason=refusal.text, next_step=refusal.next_step)
        except Exception as fault:  # noqa: BLE001 - a fault of one run or lane must not stop the others
            self.telemetry.problem("fault", subject=subject, error="".join(format_exception(fault)))
        return 0


def _side_by_side(threads: int, jobs: Iterable[Callable[[], int]]) -> int:
    if threads == 1:
        return sum(job() for job in jobs)
    with ThreadPoolExecutor(threads) as pool:
        return sum(done.result() for done in [pool.submit(job) for job in jobs])
