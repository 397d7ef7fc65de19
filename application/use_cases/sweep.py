"""Send hints for all work that is due: what makes lost hints harmless."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitsOfWork

_HINTS_MAX = 500
# After this long a hint counts as lost.
_HINT_LASTS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Look at what is due now, at lanes in turns behind ``after``. ``hints`` False only looks."""

    after: str = ""
    hints: bool = True


@dataclass(frozen=True, slots=True)
class Swept:
    """The runs and lanes that have work and nobody who does it."""

    runs: tuple[int, ...]
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SweepHandler:
    """One hint a lane at a time: where workers are slow, hints do not pile up. What is paused gets none."""

    units_of_work: UnitsOfWork
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: Sweep) -> Swept:
        """What is due, and was hinted at."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            runs = tuple(run.run_id for run in uow.runs.due(_HINTS_MAX, now))
            hinted_since = now - _HINT_LASTS if command.hints else None
            lanes = tuple(uow.deliveries.due_lanes(now, _HINTS_MAX, command.after, hinted_since))
            if command.hints:
                uow.deliveries.note_hints(lanes, now)
                uow.commit()
        if command.hints:
            self.task_queue.runs_due(runs)
            self.task_queue.lanes_due(lanes)
        return Swept(runs, lanes)
