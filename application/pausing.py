"""What is told to who wants work done that is paused."""

from typing import Final

from application.ports.pauses import Pause, PauseScope
from domain.errors import Conflict

AUTOMATIC: Final = "billhook"
"""Who paused what nobody paused."""


def paused(pause: Pause) -> Conflict:
    """The refusal, with who paused it, why, and how it goes on."""
    return Conflict("paused", reason_of(pause), resume_command(pause.scope, pause.subject))


def reason_of(pause: Pause) -> str:
    """Who paused what until when, and why, as a sentence."""
    what = " ".join(filter(None, ("the fleet" if pause.scope is PauseScope.FLEET else pause.scope.value, pause.subject)))
    until = "" if pause.until is None else f" until {pause.until.isoformat(timespec='seconds')}"
    return f"{what[:1].upper()}{what[1:]} was paused by {pause.actor}{until}{f': {pause.reason}' if pause.reason else '.'}"


def resume_command(scope: PauseScope, subject: str) -> str:
    """The command that lets it go on."""
    return f"billhook resume {'--fleet' if scope is PauseScope.FLEET else f'--{scope} {subject}'}"


def subject_of(scope: PauseScope, subject: str) -> str:
    """What a pause is called in the audit log: ``company:777``, ``fleet``."""
    return f"{scope.value}:{subject}" if subject else scope.value
