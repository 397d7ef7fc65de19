"""Compare what was issued with the books of the accounting destinations, and say what differs. Changes nothing but the number guards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.lane_contexts import lane_context
from application.number_guarding import tell_of_series
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.ledger import Ledgers
from application.ports.unit_of_work import UnitsOfWork
from application.reconciling.comparison import Comparison, Findings
from domain.companies.integration import Integration
from domain.errors import DomainError, NotFound, TemporaryFailure


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The integrations by path, or all that are switched on and keep books. With ``since``: what was owed here or changed there since."""

    actor: str
    integrations: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One integration: what was found, or why nothing could be (``code`` as of the error, with its next step)."""

    integration: str
    findings: Findings | None
    code: str = ""
    error: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """``without_books`` are those that were asked for, or are switched on, and have no books to compare with."""

    results: tuple[Reconciled, ...]
    without_books: tuple[str, ...]

    @property
    def drifts(self) -> int:
        """How many disagreements there are in all."""
        return sum(sum(each.findings.counts.values()) for each in self.results if each.findings)


@dataclass(frozen=True, slots=True)
class ReconcileHandler:
    """One after the other; what one vendor cannot answer keeps nobody from the others. Raises NotFound for a path that is not declared."""

    units_of_work: UnitsOfWork
    ledgers: Ledgers
    clock: Clock

    def __call__(self, command: Reconcile) -> ReconcileReport:
        """The report; each comparison is an entry in the audit log."""
        wanted = self._wanted(command.integrations)
        kept = [each.path for each in wanted if self.ledgers.keeps(each.kind)]
        results = tuple(self._reconcile(path, command) for path in kept)
        return ReconcileReport(results, tuple(each.path for each in wanted if not self.ledgers.keeps(each.kind)))

    def _wanted(self, paths: Sequence[str]) -> list[Integration]:
        with self.units_of_work() as uow:
            declared = uow.configurations.current().integrations
        for path in paths:
            if path not in declared:
                raise NotFound("integration", path, "billhook integrations list")
        return [declared[path] for path in paths] or [each for each in declared.values() if each.enabled]

    def _reconcile(self, path: str, command: Reconcile) -> Reconciled:
        started_at = self.clock.now()
        try:
            with self.units_of_work() as uow:
                lane = lane_context(uow, path)
            with self.ledgers.open(lane) as ledger:
                findings = Comparison(self.units_of_work, lane, started_at).run(ledger, command.since)
            result = Reconciled(path, findings)
        except DomainError as error:
            result = Reconciled(path, None, error.code, error.text, error.next_step)
        except TemporaryFailure as failure:
            result = Reconciled(path, None, "temporary_failure", failure.text, "Try again later.")
        self._record(result, command)
        return result

    def _record(self, result: Reconciled, command: Reconcile) -> None:
        now = self.clock.now()
        with self.units_of_work() as uow:
            uow.audit.add(AuditEntry(now, command.actor, "reconciled", result.integration, detail=_summary(result)))
            tell_of_series(uow, now)
            uow.commit()


def _summary(result: Reconciled) -> str:
    if result.findings is None:
        return f"not compared: {result.error}"
    counts = ", ".join(f"{count} {kind.value}" for kind, count in sorted(result.findings.counts.items())) or "no difference"
    return f"{result.findings.compared} documents compared: {counts}"
