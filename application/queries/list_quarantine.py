"""Messages that could not be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.quarantine import QuarantinedMessage
from application.ports.unit_of_work import UnitsOfWork
from application.quarantining import quarantined


@dataclass(frozen=True, slots=True)
class ListQuarantineHandler:
    """Paged by id: pass the last id seen as ``after``."""

    units_of_work: UnitsOfWork

    def __call__(
        self, after: int = 0, limit: int = 50, *, open_only: bool = True, since: datetime | None = None
    ) -> Sequence[QuarantinedMessage]:
        """At most ``limit`` messages, received from ``since`` on; those replayed or dismissed are left out unless asked for."""
        with self.units_of_work() as uow:
            return uow.quarantine.list(after, limit, open_only=open_only, since=since)

    def one(self, quarantine_id: int) -> QuarantinedMessage:
        """One by id. Raises NotFound."""
        with self.units_of_work() as uow:
            return quarantined(uow, quarantine_id)
