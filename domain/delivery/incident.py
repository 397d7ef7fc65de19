"""One thing that goes wrong with one integration: told when it begins, once a day while it lasts, and when it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REMIND_AFTER = timedelta(hours=24)
# One that comes back within this time was never over: it is told neither that it ended nor that it began anew.
QUIET = timedelta(minutes=15)
# What passes by itself is nobody's business; what failed so often in a row does not.
FAILURES_MIN = 5
LANE_FAILING = "lane_failing"
SERIES_BEHIND = "series_behind"
GIVEN_UP = "Given up after"
CANNOT_TELL = "It was handed over and no answer came, so it may have arrived."
_REFUSED, _GIVEN_UP, _CANNOT_TELL = "delivery_refused:", "delivery_given_up", "delivery_cannot_tell"


class IncidentEvent(StrEnum):
    """What is told of an incident."""

    OPENED = "opened"
    REMINDED = "reminded"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """``subject`` is the path of an integration, or the ref of an admin company; ``count`` how often it was seen, or what it holds up."""

    incident_id: int
    cause: str
    subject: str
    company: str
    recipients: str
    sender: str
    text: str
    next_step: str
    count: int
    opened_at: datetime
    last_seen_at: datetime
    reminded_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def is_about_deliveries(self) -> bool:
        """Whether it is about single documents: these need a person, while the lane goes on."""
        return self.cause.startswith((_REFUSED, _GIVEN_UP, _CANNOT_TELL))

    def is_to_be_reminded(self, now: datetime) -> bool:
        """Whether it has lasted a day since it was last told."""
        return self.resolved_at is None and (self.reminded_at or self.opened_at) <= now - REMIND_AFTER


def cause_of_failure(code: str, failures: int) -> str:
    """Why a lane that could not be used is told of; empty where it is not, since it may pass.

    ``code`` is that of a permanent error, empty for a failure that may pass; ``failures`` counts those in a row, with this one.
    """
    return code or (LANE_FAILING if failures >= FAILURES_MIN else "")


def cause_of_delivery(last_error: str) -> str:
    """What deliveries that need a person have in common, by what stands in them: the code of the refusal."""
    if last_error.startswith(GIVEN_UP):
        return _GIVEN_UP
    if last_error == CANNOT_TELL:
        return _CANNOT_TELL
    return f"{_REFUSED}{last_error.partition(':')[0]}"


def error_prefix(cause: str) -> str:
    """How ``last_error`` begins in each delivery that has this cause."""
    return {_GIVEN_UP: GIVEN_UP, _CANNOT_TELL: CANNOT_TELL}.get(cause) or f"{cause.removeprefix(_REFUSED)}:"
