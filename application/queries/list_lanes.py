"""How each lane stands, and what stops it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.pausing import reason_of
from application.ports.clock import Clock
from application.ports.deliveries import Lane
from application.ports.pauses import Pause
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.delivery.call_budget import CallLimits


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """A lane, the widest pause that stops it, and what its vendor allows today; None without a limit a day."""

    lane: Lane
    pause: Pause | None
    calls_left: int | None

    @property
    def state(self) -> str:
        """In one word: off, paused, resting (after a failure), working, waiting (for its time, or a worker) or empty."""
        if not self.lane.enabled:
            return "off"
        if self.pause is not None:
            return "paused"
        if self.lane.parked_until is not None:
            return "resting"
        if self.lane.owner:
            return "working"
        return "waiting" if self.lane.depth else "empty"

    @property
    def next_at(self) -> datetime | None:
        """When the next try is due; None where nothing is open, or nothing will be tried before somebody resumes it."""
        if self.lane.next_at is None or (self.pause is not None and self.pause.until is None):
            return None
        ends = (self.pause.until if self.pause is not None else None, self.lane.parked_until)
        return max(self.lane.next_at, *filter(None, ends)) if any(ends) else self.lane.next_at

    @property
    def reason(self) -> str:
        """Why it does not move, where it does not."""
        return reason_of(self.pause) if self.pause is not None else self.lane.reason


@dataclass(frozen=True, slots=True)
class ListLanesHandler:
    """A page of lanes, by path."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, after: str, limit: int) -> Sequence[LaneStanding]:
        """Behind ``after``."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            is_paused = bool(uow.pauses.open(now))
            return [
                LaneStanding(lane, uow.pauses.of_lane(lane.integration, now) if is_paused else None, _calls_left(uow, lane, now))
                for lane in uow.deliveries.lanes(after, limit)
            ]


def _calls_left(uow: UnitOfWork, lane: Lane, now: datetime) -> int | None:
    integration = uow.configurations.current().integrations.get(lane.integration)
    connection = uow.connections.find(lane.integration)
    day_limit = integration.settings.get("day_limit") if integration else None
    if not day_limit or connection is None or not connection.organisation_id:
        return None
    made = uow.call_budgets.find(f"{lane.kind}:{connection.organisation_id}")
    return made.left_today(CallLimits(day_calls=int(day_limit)), now.timestamp())
