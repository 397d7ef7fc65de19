"""What was driven again, by whom, and how far it came."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.replays import Replay
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListReplaysHandler:
    """A page of replays, newest first."""

    units_of_work: UnitsOfWork

    def __call__(self, before: int, limit: int) -> Sequence[Replay]:
        """From below ``before`` on; 0 begins with the newest."""
        with self.units_of_work() as uow:
            return uow.replays.list(before, limit)
