"""How all lanes stand, in a few numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.deliveries import Lane
from application.ports.pauses import Pause, PauseScope, Queue
from application.ports.unit_of_work import UnitsOfWork
from application.queries.list_lanes import LaneStanding, standings_of

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LanesSummary:
    """Counts of lanes, and of ``open_deliveries``; ``oldest_at`` is when the first open one was owed, to ``oldest_lane``.

    ``waiting`` are the lanes with open deliveries, those that have waited longest first, ten at most.
    """

    lanes: int
    working: int
    resting: int
    paused: int
    open_deliveries: int
    oldest_lane: str = ""
    oldest_at: datetime | None = None
    waiting: tuple[LaneStanding, ...] = ()


@dataclass(frozen=True, slots=True)
class SummariseLanesHandler:
    """A few reads, however many lanes there are."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self) -> LanesSummary:
        """Lanes of integrations that are enabled."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            lanes = [lane for lane in uow.deliveries.lanes("", None, now) if lane.enabled]
            pauses = uow.pauses.open(now)
            waiting = sorted((lane for lane in lanes if lane.oldest is not None), key=lambda lane: (lane.oldest or now, lane.integration))
            standings = standings_of(uow, waiting[:_SHOWN], now)
        paused = {lane.integration for lane in lanes if _is_stopped(lane, pauses)}
        return LanesSummary(
            lanes=len(lanes),
            working=sum(bool(lane.owner) for lane in lanes),
            resting=sum(lane.parked_until is not None and lane.integration not in paused for lane in lanes),
            paused=len(paused),
            open_deliveries=sum(lane.depth for lane in lanes),
            oldest_lane=waiting[0].integration if waiting else "",
            oldest_at=waiting[0].oldest if waiting else None,
            waiting=tuple(standings),
        )


def _is_stopped(lane: Lane, pauses: Sequence[Pause]) -> bool:
    stopping = {
        (PauseScope.FLEET, ""),
        (PauseScope.QUEUE, Queue.DELIVERY.value),
        (PauseScope.VENDOR, lane.kind),
        (PauseScope.COMPANY, lane.company),
        (PauseScope.INTEGRATION, lane.integration),
    }
    return any((pause.scope, pause.subject) in stopping for pause in pauses)
