"""What is stopped, by whom or by what, and how it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.pausing import AUTOMATIC, resume_command
from application.ports.clock import Clock
from application.ports.deliveries import Lane
from application.ports.pauses import Pause, PauseScope
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork


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


@dataclass(frozen=True, slots=True)
class ListPausesHandler:
    """All that stop something now: people's pauses, oldest first, then the lanes that rest by themselves, by path."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self) -> Sequence[Stopped]:
        """Ended ones are in the audit log."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            pauses = [_of_pause(pause) for pause in uow.pauses.open(now)]
            lanes = [lane for lane in uow.deliveries.lanes("", None, now) if lane.enabled and lane.parked_until is not None]
            return [*pauses, *(_of_lane(uow, lane) for lane in lanes)]


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
