"""Send hints for all work that is due: what makes lost hints harmless."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitsOfWork

_HINTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Sweep:
    """Look at everything that is due now."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The runs and lanes that have work and nobody who does it."""

    runs: tuple[int, ...]
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SweepHandler:
    """Reads and hints; changes nothing."""

    units_of_work: UnitsOfWork
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, _command: Sweep) -> Swept:
        """What was hinted."""
        with self.units_of_work() as uow:
            runs = tuple(run.run_id for run in uow.runs.due(_HINTS_MAX))
            lanes = tuple(uow.deliveries.due_lanes(self.clock.now(), _HINTS_MAX))
        self.task_queue.runs_due(runs)
        self.task_queue.lanes_due(lanes)
        return Swept(runs, lanes)
