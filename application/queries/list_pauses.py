"""What is stopped, by whom or by what, and how it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.pausing import AUTOMATIC, resume_command
from application.ports.clock import Clock
from application.ports.deliveries import Lane
from application.ports.pauses import Pause, PauseScope
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork

PAUSE: Final = "pse_"
_DIGITS_MAX = 18  # of an id that fits a database's integer


@dataclass(frozen=True, slots=True)
class Stopped:
    """A pause of a person's, or one that came by itself: a lane that rests after a failure, a company that was parked.

    ``next_step`` is what a person has to do first, empty where it passes by itself; ``undo`` lets it go on at once. A lane's rest
    has no id, and ``since`` is None where nobody noted it; ``until`` is when it is tried again by itself.
    """

    scope: PauseScope
    subject: str
    reason: str
    actor: str
    since: datetime | None
    until: datetime | None
    undo: str
    pause_id: int = 0
    automatic: bool = False
    next_step: str = ""

    @property
    def key(self) -> str:
        """Where the next page goes on: ``pse_3``, or the path of a lane."""
        return f"{PAUSE}{self.pause_id}" if self.pause_id else self.subject


@dataclass(frozen=True, slots=True)
class ListPausesHandler:
    """All that stop something now: people's pauses, oldest first, then the lanes that rest by themselves, by path."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, after: str = "", limit: int | None = None) -> Sequence[Stopped]:
        """Behind the one whose key is ``after``. Ended ones are in the audit log."""
        now = self.clock.now()
        last = _pause_id(after)
        with self.units_of_work() as uow:
            # None: it is a lane's key, and all pauses come before that.
            pauses = [] if last is None else [_of_pause(pause) for pause in uow.pauses.open(now) if pause.pause_id > last][:limit]
            left = None if limit is None else limit - len(pauses)
            behind = after if last is None else ""
            lanes = [lane for lane in uow.deliveries.lanes(behind, None, now) if lane.enabled and lane.parked_until is not None]
            return [*pauses, *(_of_lane(uow, lane) for lane in lanes[:left])]


def _pause_id(key: str) -> int | None:
    """The id of a pause by its key, 0 of none; None where it is the key of a lane."""
    digits = key.removeprefix(PAUSE) or "0"
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX else None


def _of_pause(pause: Pause) -> Stopped:
    undo = resume_command(pause.scope, pause.subject)
    automatic = pause.actor == AUTOMATIC
    return Stopped(pause.scope, pause.subject, pause.reason, pause.actor, pause.since, pause.until, undo, pause.pause_id, automatic)


def _of_lane(uow: UnitOfWork, lane: Lane) -> Stopped:
    """The incident about the lane's connection, where one is open, knows since when, and what to do."""
    incidents = [each for each in uow.incidents.open_about(lane.integration) if not each.is_about_deliveries]
    since, next_step = (incidents[-1].opened_at, incidents[-1].next_step) if incidents else (None, "")
    undo = resume_command(PauseScope.INTEGRATION, lane.integration)
    return Stopped(
        PauseScope.INTEGRATION,
        lane.integration,
        lane.reason,
        AUTOMATIC,
        since,
        lane.parked_until,
        undo,
        automatic=True,
        next_step=next_step,
    )
