"""What is told to who wants work done that is paused."""

from application.ports.pauses import Pause, PauseScope
from domain.errors import Conflict


def paused(pause: Pause) -> Conflict:
    """The refusal, with who paused it, why, and how it goes on."""
    return Conflict("paused", reason_of(pause), f"billhook resume {option_of(pause)}")


def reason_of(pause: Pause) -> str:
    """Who paused what until when, and why, as a sentence."""
    what = " ".join(filter(None, ("the fleet" if pause.scope is PauseScope.FLEET else pause.scope.value, pause.subject)))
    until = "" if pause.until is None else f" until {pause.until.isoformat(timespec='seconds')}"
    return f"{what[:1].upper()}{what[1:]} was paused by {pause.actor}{until}{f': {pause.reason}' if pause.reason else '.'}"


def option_of(pause: Pause) -> str:
    """The option of `billhook pause` and `billhook resume` that names its subject."""
    return "--fleet" if pause.scope is PauseScope.FLEET else f"--{pause.scope} {pause.subject}"


def subject_of(scope: PauseScope, subject: str) -> str:
    """What a pause is called in the audit log: ``company:777``, ``fleet``."""
    return f"{scope.value}:{subject}" if subject else scope.value
