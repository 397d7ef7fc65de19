"""Stop the fleet, a queue, a vendor, a company or an integration, until a time or until somebody resumes it."""

from dataclasses import dataclass, replace

from application.configuration import Configuration
from application.pausing import subject_of
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.pauses import Pause, PauseScope, Queue, Stop
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class PauseWork:
    """``dry_run`` checks the command and keeps nothing."""

    stop: Stop
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class PauseWorkHandler:
    """What is in hand is finished; nothing new is begun. Raises NotFound for a subject that does not exist, Invalid for a past end."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, command: PauseWork) -> Pause:
        """The pause as it stands now."""
        stop = command.stop
        now = self.clock.now()
        if stop.until is not None and stop.until <= now:
            raise Invalid("until", f"{stop.until.isoformat()} is past already.", "Give a later time, or none.")
        with self.units_of_work() as uow:
            require_subject(uow.configurations.current(), stop.scope, stop.subject)
            pause = uow.pauses.begin(stop, now)
            detail = "" if stop.until is None else f"until {stop.until.isoformat()}"
            uow.audit.add(AuditEntry(now, stop.actor, "paused", subject_of(stop.scope, stop.subject), stop.reason, detail))
            if not command.dry_run:
                uow.commit()
        return pause if not command.dry_run else replace(pause, pause_id=0)


def require_subject(configuration: Configuration, scope: PauseScope, subject: str) -> None:
    """Raise NotFound where nothing of this scope goes by the name: a mistyped pause would stop nothing."""
    known: dict[PauseScope, set[str]] = {
        PauseScope.FLEET: {""},
        PauseScope.QUEUE: {queue.value for queue in Queue},
        PauseScope.VENDOR: {integration.kind for integration in configuration.integrations.values()},
        PauseScope.COMPANY: set(configuration.companies),
        PauseScope.INTEGRATION: set(configuration.integrations),
    }
    if subject not in known[scope]:
        raise NotFound(scope.value, subject, f"There are: {', '.join(sorted(known[scope]))}")
