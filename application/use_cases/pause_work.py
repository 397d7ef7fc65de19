"""Stop the fleet, a queue, a vendor, a company or an integration, until a time or until somebody resumes it."""

from dataclasses import dataclass, replace

from application.configuration import Configuration
from application.pausing import reason_of, subject_of
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.pauses import Pause, PauseScope, Queue, Stop
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import Invalid, NotFound

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PauseWork:
    """``dry_run`` checks the command and keeps nothing."""

    stop: Stop
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Paused:
    """``instead_of`` is what stopped the very same before: its reason and its end count no more."""

    pause: Pause
    instead_of: Pause | None


@dataclass(frozen=True, slots=True)
class PauseWorkHandler:
    """What is in hand is finished; nothing new is begun. Raises NotFound for a subject that does not exist, Invalid for a past end."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, command: PauseWork) -> Paused:
        """The pause as it stands now, and the one that it replaces."""
        stop = command.stop
        now = self.clock.now()
        if stop.until is not None and stop.until <= now:
            raise Invalid("until", f"{stop.until.isoformat()} is past already.", "Give a later time, or none.")
        with self.units_of_work() as uow:
            require_subject(uow.configurations.current(), stop.scope, stop.subject)
            before = [pause for pause in uow.pauses.open(now) if (pause.scope, pause.subject) == (stop.scope, stop.subject)]
            pause = uow.pauses.begin(stop, now)
            until = "" if stop.until is None else f"until {stop.until.isoformat()}"
            detail = "; ".join(filter(None, (until, *(f"instead of: {reason_of(pause)}" for pause in before))))
            uow.audit.add(AuditEntry(now, stop.actor, "paused", subject_of(stop.scope, stop.subject), stop.reason, detail))
            if not command.dry_run:
                uow.commit()
        return Paused(replace(pause, pause_id=0) if command.dry_run else pause, before[0] if before else None)


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
        names = sorted(known[scope])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise NotFound(scope.value, subject, f"There are: {', '.join(names[:_SHOWN])}{more}")
