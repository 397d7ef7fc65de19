"""Run a company's invoicing now, beside its schedule."""

import secrets
from dataclasses import dataclass

from application.pausing import paused, subject_of
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.pauses import PauseScope, Queue
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.execute_run import ExecuteRun, ExecuteRunHandler, RunReport
from domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class StartRun:
    """``dry_run`` does all of it and keeps nothing: no number is used. ``actor`` and ``reason`` go to the audit log."""

    company: str
    dry_run: bool = False
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StartRunHandler:
    """Raises NotFound for a company that is not configured."""

    units_of_work: UnitsOfWork
    execute_run: ExecuteRunHandler
    clock: Clock

    def __call__(self, command: StartRun) -> RunReport:
        """Start a run of its own and execute it here."""
        self._require(command.company)
        slot = f"manual:{self.clock.now().isoformat()}:{secrets.token_hex(4)}"
        if command.dry_run:
            return self.execute_run.rehearse(command.company, slot)
        with self.units_of_work() as uow:
            pause = uow.pauses.of_queue(Queue.INVOICING, command.company, self.clock.now())
            if pause is not None:
                raise paused(pause)
            run_id = uow.runs.add(command.company, slot, self.clock.now())
            if command.actor:
                uow.audit.add(_entry(command, run_id, self.clock))
            uow.commit()
        if run_id is None:
            raise Conflict("run_exists", f"A run {slot} is there already.", "Run the command again.")
        return self.execute_run(ExecuteRun(run_id))

    def _require(self, company: str) -> None:
        with self.units_of_work() as uow:
            if company not in uow.configurations.current().companies:
                raise NotFound("company", company, "billhook export  # lists the companies that are declared")


def _entry(command: StartRun, run_id: int | None, clock: Clock) -> AuditEntry:
    """What it issues comes later, and names the run."""
    return AuditEntry(
        clock.now(), command.actor, "invoices_run", subject_of(PauseScope.COMPANY, command.company), command.reason, f"run_{run_id}"
    )
