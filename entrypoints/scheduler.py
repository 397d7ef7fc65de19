"""The scheduler's role: fire the slots that have come, hint at all work that is due, and keep connections alive. Any number may run."""

import threading
from collections.abc import Callable

from application.catalogue import Catalogue
from application.ports.telemetry import Telemetry
from application.use_cases.fire_schedules import FireSchedules
from application.use_cases.guard_numbers import GuardNumbers
from application.use_cases.keep_connections_alive import KeepConnectionsAlive
from application.use_cases.review_incidents import ReviewIncidents
from application.use_cases.run_flow import RunDueFlows
from application.use_cases.sweep import Sweep
from domain.errors import TemporaryFailure

TICK_S = 1.0
_TICKS_PER_SWEEP = 5
_TICKS_PER_KEEPING_ALIVE = 3600
_TICKS_PER_REVIEW = 60
_TICKS_PER_FLOWS = 30
_TICKS_PER_GUARDING = 6 * 3600


def run(catalogue: Catalogue, telemetry: Telemetry, stop: threading.Event, on_beat: Callable[[], None] = lambda: None) -> None:
    """Tick until stopped. Without the database a tick does nothing, and the next one tries again."""
    tick = 0
    last_lane = ""
    while not stop.is_set():
        try:
            if tick % _TICKS_PER_GUARDING == 0:
                # Before anything fires: an old database must not issue what its newer self has issued.
                catalogue.guard_numbers(GuardNumbers())
            fired = catalogue.fire_schedules(FireSchedules())
            if fired or tick % _TICKS_PER_SWEEP == 0:
                # Each sweep goes on behind the one before, so that every lane gets its turn however many are due.
                last_lane = next(reversed(catalogue.sweep(Sweep(last_lane)).lanes), "")
            if tick % _TICKS_PER_KEEPING_ALIVE == 0:
                catalogue.keep_connections_alive(KeepConnectionsAlive())
            if tick % _TICKS_PER_FLOWS == 0:
                catalogue.run_flow.run_due(RunDueFlows())
            if tick % _TICKS_PER_REVIEW == 0:
                catalogue.review_incidents(ReviewIncidents())
        except TemporaryFailure as failure:
            telemetry.problem("scheduler_waits", reason=failure.text)
        tick += 1
        on_beat()
        stop.wait(TICK_S)


def run_until_idle(catalogue: Catalogue) -> None:
    """Fire what is due now, hint at all work, and return."""
    catalogue.guard_numbers(GuardNumbers())
    catalogue.fire_schedules(FireSchedules())
    catalogue.run_flow.run_due(RunDueFlows())
    catalogue.sweep(Sweep())
    catalogue.keep_connections_alive(KeepConnectionsAlive())
    catalogue.review_incidents(ReviewIncidents())
