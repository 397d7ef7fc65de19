"""The scheduler's role: fire the slots that have come, and hint at all work that is due. Any number may run."""

import threading
from collections.abc import Callable

from application.catalogue import Catalogue
from application.ports.telemetry import Telemetry
from application.use_cases.fire_schedules import FireSchedules
from application.use_cases.sweep import Sweep
from domain.errors import TemporaryFailure

TICK_S = 1.0
_TICKS_PER_SWEEP = 5


def run(catalogue: Catalogue, telemetry: Telemetry, stop: threading.Event, on_beat: Callable[[], None] = lambda: None) -> None:
    """Tick until stopped. Without the database a tick does nothing, and the next one tries again."""
    tick = 0
    while not stop.is_set():
        try:
            fired = catalogue.fire_schedules(FireSchedules())
            if fired or tick % _TICKS_PER_SWEEP == 0:
                catalogue.sweep(Sweep())
        except TemporaryFailure as failure:
            telemetry.problem("scheduler_waits", reason=failure.text)
        tick += 1
        on_beat()
        stop.wait(TICK_S)


def run_until_idle(catalogue: Catalogue) -> None:
    """Fire what is due now, hint at all work, and return."""
    catalogue.fire_schedules(FireSchedules())
    catalogue.sweep(Sweep())
