"""Close messages that could not be read: what was in them was mended by hand, or is not wanted."""

from dataclasses import dataclass

from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.quarantine import Dismissal
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.quarantining import quarantined, settled_already
from domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class DismissQuarantined:
    """By ids. ``reason`` must be given: nobody looks at these messages again."""

    ids: tuple[int, ...]
    reason: str
    actor: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class DismissQuarantinedHandler:
    """One transaction for all. Raises NotFound for an id that does not exist, Conflict for a message that is not open any more.

    The messages stay, with their bytes.
    """

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, command: DismissQuarantined) -> int:
        """How many were dismissed: all, each once."""
        if not command.reason.strip():
            raise Invalid("--reason", "Say why nothing is left to do about it; it is kept in the audit log.")
        ids = tuple(dict.fromkeys(command.ids))
        with self.units_of_work() as uow:
            for quarantine_id in ids:
                self._dismiss(uow, quarantine_id, command)
            if not command.dry_run:
                uow.commit()
        return len(ids)

    def _dismiss(self, uow: UnitOfWork, quarantine_id: int, command: DismissQuarantined) -> None:
        dismissal = Dismissal(self.clock.now(), command.actor, command.reason)
        if not uow.quarantine.dismiss(quarantine_id, dismissal):
            raise settled_already(quarantined(uow, quarantine_id))
        uow.audit.add(AuditEntry(dismissal.at, command.actor, "quarantine_dismissed", f"qrt_{quarantine_id}", command.reason))
