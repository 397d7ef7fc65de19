"""Who did what, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.audit_log import AuditFilter, NumberedEntry
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListAuditHandler:
    """A page of the audit log, newest first."""

    units_of_work: UnitsOfWork

    def __call__(self, wanted: AuditFilter, before: int, limit: int) -> Sequence[NumberedEntry]:
        """From below ``before`` on; 0 begins with the newest."""
        with self.units_of_work() as uow:
            return uow.audit.list(wanted, before, limit)
