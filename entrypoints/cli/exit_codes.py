"""What an exit code means, and which error leads to it: the only place that knows (DESIGN 4.3)."""

from enum import IntEnum

from application.configuration_mistakes import ConfigurationRefused
from domain.errors import DomainError, Invalid, NotFound, TemporaryFailure


class ExitCode(IntEnum):
    """Stable: scripts rely on these."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY_DONE = 3
    NEEDS_RECONNECT = 4
    NOT_FOUND = 5
    UNREACHABLE = 6
    CHECK_FAILED = 7


EPILOG = (
    "[bold]Exit codes:[/bold] 0 done, 1 failed, 2 usage, 3 partly done, 4 needs a reconnect, 5 not found, "
    "6 database or broker unreachable, 7 a check found a problem."
)
_BY_CODE = {
    "settings_refused": ExitCode.USAGE,
    "not_the_demo": ExitCode.USAGE,
    "ambiguous_number": ExitCode.USAGE,
    "ambiguous_order": ExitCode.USAGE,
    "needs_reauth": ExitCode.NEEDS_RECONNECT,
}


def exit_code_of(error: BaseException) -> ExitCode:
    """The exit code for an error that ended a command."""
    match error:
        case NotFound():
            return ExitCode.NOT_FOUND
        case Invalid() | ConfigurationRefused():
            return ExitCode.USAGE
        case DomainError():
            return _BY_CODE.get(error.code, ExitCode.FAILED)
        case TemporaryFailure():
            return ExitCode.UNREACHABLE
    return ExitCode.FAILED


def sentences_of(error: BaseException) -> str:
    """What happened, to what, and what to do next."""
    match error:
        case DomainError():
            return f"{error.text}\nWhat to do: {error.next_step}" if error.next_step else error.text
        case TemporaryFailure():
            return f"{error.text}\nNothing is lost: try again later. `billhook doctor` says what is wrong."
        case KeyboardInterrupt():
            return "Stopped. What was done so far stays done; run the command again to go on."
        case OSError():
            return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return f"This is a fault of Billhook: {type(error).__name__}: {error}\nRun the command again with --debug and report what it prints."
