"""Deliveries again: those that wait for a person or for their time are tried at once; what is delivered stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.deliveries import Change, DeliveryFilter
from application.ports.replays import Replay, Selection
from application.ports.unit_of_work import UnitOfWork
from application.replaying.step import Driven, of_ids
from domain.delivery.state import DeliveryState
from domain.errors import NotFound

# What was handed over without an answer is not among them: the lane looks it up by itself, and never sends it blindly.
_AGAIN = frozenset({DeliveryState.NEEDS_HUMAN, DeliveryState.WAITING})


@dataclass(frozen=True, slots=True)
class ReplayDeliveries:
    """As `deliveries retry`, for many."""

    def select(self, uow: UnitOfWork, wanted: Selection, after: int, limit: int) -> Sequence[int]:
        """By the time they were owed."""
        if wanted.ids:
            return of_ids(wanted, after, limit)
        chosen = DeliveryFilter(wanted.state, wanted.integration, wanted.company, wanted.since, until=wanted.until)
        return [delivery.delivery_id for delivery in uow.deliveries.list(chosen, after, limit)]

    def drive(self, uow: UnitOfWork, ids: Sequence[int], replay: Replay, now: datetime, _but: Collection[int] = ()) -> Driven:
        """Make them due. Raises NotFound for a named one that does not exist: then none of its batch is changed."""
        lanes: list[str] = []
        for delivery_id in ids:
            delivery = uow.deliveries.find(delivery_id)
            if delivery is None:
                raise NotFound("delivery", f"dlv_{delivery_id}", "billhook deliveries list")
            if delivery.state not in _AGAIN:
                continue
            detail = ": ".join(filter(None, (f"replay rpl_{replay.replay_id} by {replay.actor}", replay.reason)))
            change = Change(delivery_id, DeliveryState.PENDING, "retry", detail, due_at=now, remote_id=delivery.remote_id)
            if uow.deliveries.change(change, delivery.state, now):
                lanes.append(delivery.integration)
        return Driven(len(lanes), tuple(sorted(set(lanes))))
