"""What is stopped, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.pauses import Pause
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListPausesHandler:
    """All that stop something now, oldest first."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self) -> Sequence[Pause]:
        """Ended ones are in the audit log."""
        with self.units_of_work() as uow:
            return uow.pauses.open(self.clock.now())
