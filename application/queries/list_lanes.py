"""How each lane stands, and what stops it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.day_calls import day_calls
from application.pausing import reason_of
from application.ports.clock import Clock
from application.ports.deliveries import Delivery, Lane
from application.ports.pauses import Pause
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.delivery.state import DeliveryState

_WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """A lane, the widest pause that stops it, and what its vendor allows today; None without a limit a day.

    ``due_first`` is the delivery that it waits for, where it waits.
    """

    lane: Lane
    pause: Pause | None
    calls_left: int | None
    due_first: Delivery | None = None

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
        return _WAITING if self.lane.depth else "empty"

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
        if self.pause is not None:
            return reason_of(self.pause)
        return self.lane.reason if self.due_first is None else _waits_for(self.due_first, self.lane.reason)


@dataclass(frozen=True, slots=True)
class ListLanesHandler:
    """A page of lanes, or of a company's, by path."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, after: str, limit: int, company: str | None = None) -> Sequence[LaneStanding]:
        """Behind ``after``."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            return standings_of(uow, uow.deliveries.lanes(after, limit, now, company), now)


def standings_of(uow: UnitOfWork, lanes: Sequence[Lane], now: datetime) -> Sequence[LaneStanding]:
    """How each of them stands, as it was read."""
    is_paused = bool(uow.pauses.open(now))
    return [
        _with_delivery(
            uow, LaneStanding(lane, uow.pauses.of_lane(lane.integration, now) if is_paused else None, _calls_left(uow, lane, now))
        )
        for lane in lanes
    ]


def _with_delivery(uow: UnitOfWork, standing: LaneStanding) -> LaneStanding:
    return replace(standing, due_first=uow.deliveries.next_due(standing.lane.integration)) if standing.state == _WAITING else standing


def _waits_for(delivery: Delivery, failure: str) -> str:
    """What happens next to a lane that nobody works in, and why it did not happen yet."""
    at = delivery.due_at.isoformat(sep=" ", timespec="seconds") if delivery.due_at else ""
    why = f": {delivery.last_error or failure}" if delivery.last_error or failure else ""
    name = f"dlv_{delivery.delivery_id}"
    match delivery.state:
        case DeliveryState.WAITING:
            return f"{name} is tried again at {at}{why}"
        case DeliveryState.UNKNOWN:
            return f"{name} was handed over without an answer, and is looked up at {at}{why}"
        case DeliveryState.IN_FLIGHT:
            return f"{name} was in the hands of a worker that stopped: the next one takes it over."
    return f"{name} is due since {at}, and waits for its turn, or for a worker{why}"


def _calls_left(uow: UnitOfWork, lane: Lane, now: datetime) -> int | None:
    of_day = day_calls(uow, uow.configurations.current().integrations.get(lane.integration), now)
    return of_day.left if of_day else None
