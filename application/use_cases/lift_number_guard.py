"""Let a series go on although a vendor's books hold a higher number: a person says that the number is not of this series."""

from dataclasses import dataclass

from application.number_guarding import SeriesStanding, all_series, standing_of, tell_of_series
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.errors import Conflict, Invalid, NotFound
from domain.invoicing.document import DocumentType


@dataclass(frozen=True, slots=True)
class LiftNumberGuard:
    """``reason`` must be given: it is the only trace of why numbers were trusted."""

    admin_company: str
    type: DocumentType
    reason: str
    actor: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class LiftNumberGuardHandler:
    """A number higher than the one lifted closes the series again."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, command: LiftNumberGuard) -> SeriesStanding:
        """The standing it was lifted from. Raises NotFound for the company, Conflict where nothing holds the series back."""
        if not command.reason.strip():
            raise Invalid("--reason", "Say why these numbers are not of this series; it is kept in the audit log.")
        with self.units_of_work() as uow:
            standing = _find(uow, command)
            now = self.clock.now()
            uow.number_guards.lift(command.admin_company, command.type)
            detail = f"{command.type.value}: stands at {standing.last_number}, lifted up to {standing.guard and standing.guard.seen.number}"
            uow.audit.add(AuditEntry(now, command.actor, "number_guard_lifted", command.admin_company, command.reason, detail))
            tell_of_series(uow, now)
            if not command.dry_run:
                uow.commit()
        return standing


def _find(uow: UnitOfWork, command: LiftNumberGuard) -> SeriesStanding:
    if command.admin_company not in uow.configurations.current().admin_companies:
        raise NotFound("admin company", command.admin_company, "billhook numbers list")
    for series in all_series(uow):
        if (series.admin_company, series.type) == (command.admin_company, command.type):
            standing = standing_of(uow, series)
            if standing.is_behind:
                return standing
    raise Conflict("not_behind", f"Nothing holds back the {command.type.value} series of {command.admin_company}.", "billhook numbers list")
