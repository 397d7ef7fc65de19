"""Let go on what was stopped, by a person or by itself."""

from dataclasses import dataclass
from datetime import datetime

from application.configuration import Configuration
from application.pausing import subject_of
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.pauses import Pause, PauseScope, Queue
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.use_cases.pause_work import require_subject
from domain.companies.integration import Integration


@dataclass(frozen=True, slots=True)
class ResumeWork:
    """``dry_run`` tells what would go on and keeps nothing."""

    scope: PauseScope
    subject: str
    actor: str
    reason: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Resumed:
    """``pause`` is what a person had stopped, None where nobody had; ``woken`` are lanes that may try again at once."""

    pause: Pause | None
    woken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResumeWorkHandler:
    """Ends the pause of this very scope, and the rest of lanes within it that were parked because their connection failed.

    A lane that rests because its vendor said when to call again (a limit of the day) asks it once more: somebody may have raised
    the limit. A wider pause stays: resuming a company while the fleet is paused lets nothing go on yet.
    """

    units_of_work: UnitsOfWork
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: ResumeWork) -> Resumed:
        """What goes on."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
            require_subject(configuration, command.scope, command.subject)
            ended = uow.pauses.end(command.scope, command.subject, command.actor, now)
            parked = {lane.integration for lane in uow.deliveries.lanes("", None, now) if lane.parked_until is not None}
            woken = tuple(sorted(parked & _lanes_of(configuration, command.scope, command.subject)))
            for lane in woken:
                uow.deliveries.wake(lane)
                _unblock(uow, configuration.integrations[lane], now)
            if ended is not None or woken:
                detail = f"woken: {', '.join(woken)}" if woken else ""
                subject = subject_of(command.scope, command.subject)
                uow.audit.add(AuditEntry(now, command.actor, "resumed", subject, command.reason, detail))
            if not command.dry_run:
                uow.commit()
        if not command.dry_run:
            self.task_queue.lanes_due(woken)
        return Resumed(ended, woken)


def _unblock(uow: UnitOfWork, integration: Integration, now: datetime) -> None:
    connection = uow.connections.find(integration.path)
    if connection is None or not connection.organisation_id:
        return
    key = f"{integration.kind}:{connection.organisation_id}"
    calls = uow.call_budgets.lock(key)
    if calls != calls.unblocked():
        uow.call_budgets.save(key, calls.unblocked(), now)


def _lanes_of(configuration: Configuration, scope: PauseScope, subject: str) -> set[str]:
    return {integration.path for integration in configuration.integrations.values() if _is_within(integration, scope, subject)}


def _is_within(integration: Integration, scope: PauseScope, subject: str) -> bool:
    match scope:
        case PauseScope.FLEET:
            return True
        case PauseScope.QUEUE:
            return subject == Queue.DELIVERY.value
        case PauseScope.VENDOR:
            return integration.kind == subject
        case PauseScope.COMPANY:
            return integration.company == subject
        case PauseScope.INTEGRATION:
            return integration.path == subject
