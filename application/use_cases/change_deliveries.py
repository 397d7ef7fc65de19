"""A person's steps on deliveries: try again, send again, call off, or say that it arrived."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.deliveries import Change, Delivery, DeliveryFilter
from application.ports.destination import Destinations
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.delivery.state import DeliveryState
from domain.errors import Invalid, NotFound


class Action(StrEnum):
    """What to do with a delivery."""

    RETRY = "retry"
    RESEND = "resend"
    CANCEL = "cancel"
    DELIVERED = "delivered"


# Which states an action is for, and the state it leads to. An unknown delivery is looked up, never blindly sent again.
_STEPS: dict[Action, tuple[frozenset[DeliveryState], DeliveryState]] = {
    Action.RETRY: (frozenset({DeliveryState.NEEDS_HUMAN, DeliveryState.WAITING}), DeliveryState.PENDING),
    Action.RESEND: (frozenset({DeliveryState.DELIVERED, DeliveryState.CANCELLED, DeliveryState.SKIPPED}), DeliveryState.PENDING),
    Action.CANCEL: (
        frozenset({DeliveryState.PENDING, DeliveryState.WAITING, DeliveryState.NEEDS_HUMAN, DeliveryState.UNKNOWN}),
        DeliveryState.CANCELLED,
    ),
    Action.DELIVERED: (frozenset({DeliveryState.NEEDS_HUMAN}), DeliveryState.DELIVERED),
}
_PAGE = 500
_DELIVERIES_MAX = 10_000
"""At once: a filter that finds more is a slip more often than a wish, and its transaction would hold up the lanes."""


@dataclass(frozen=True, slots=True)
class ChangeDeliveries:
    """By ids, or all that a filter selects. ``reason`` and ``actor`` go to the audit log."""

    action: Action
    actor: str
    reason: str = ""
    delivery_ids: tuple[int, ...] = ()
    wanted: DeliveryFilter | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryChange:
    """What became of one selected delivery; ``why`` says why it was left alone, ``effect`` what a resend does at its destination."""

    delivery: Delivery
    changed: bool
    why: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True)
class ChangeDeliveriesHandler:
    """One transaction for all. Raises NotFound for an id that does not exist, and Invalid where a filter finds more than 10,000.

    Then nothing is changed.
    """

    units_of_work: UnitsOfWork
    destinations: Destinations
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: ChangeDeliveries) -> tuple[DeliveryChange, ...]:
        """Apply the action to every selected delivery whose state allows it."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            changes = tuple(self._change(uow, command, delivery, now) for delivery in _select(uow, command))
            if not command.dry_run:
                uow.commit()
        if not command.dry_run:
            self.task_queue.lanes_due(sorted({change.delivery.integration for change in changes if change.changed}))
        return changes

    def _change(self, uow: UnitOfWork, command: ChangeDeliveries, delivery: Delivery, now: datetime) -> DeliveryChange:
        allowed, target = _STEPS[command.action]
        if delivery.state not in allowed:
            return DeliveryChange(delivery, changed=False, why=f"{command.action} does not apply to a delivery that is {delivery.state}")
        change = Change(delivery.delivery_id, target, str(command.action), command.reason, due_at=now, remote_id=delivery.remote_id)
        if not uow.deliveries.change(change, delivery.state, now):
            return DeliveryChange(delivery, changed=False, why="it changed in the same moment: look again")
        entry = AuditEntry(now, command.actor, f"delivery_{command.action}", f"dlv_{delivery.delivery_id}", command.reason)
        uow.audit.add(entry)
        return DeliveryChange(delivery, changed=True, effect=self._effect(uow, delivery) if command.action is Action.RESEND else "")

    def _effect(self, uow: UnitOfWork, delivery: Delivery) -> str:
        integration = uow.configurations.current().integrations.get(delivery.integration)
        if integration is None:
            return "Its integration is not declared any more: it waits until it is."
        if delivery.state is not DeliveryState.DELIVERED and not delivery.handed_over:
            return f"It is {delivery.state} and was never handed over: it is sent as for the first time."
        resent = self.destinations.resent(integration)
        return resent if delivery.state is DeliveryState.DELIVERED else f"It is {delivery.state} and may have arrived before. {resent}"


def _select(uow: UnitOfWork, command: ChangeDeliveries) -> list[Delivery]:
    if command.wanted is None:
        return [_find(uow, delivery_id) for delivery_id in dict.fromkeys(command.delivery_ids)]
    selected: list[Delivery] = []
    after = 0
    while page := uow.deliveries.list(command.wanted, after, _PAGE):
        selected.extend(page)
        after = page[-1].delivery_id
        if len(selected) > _DELIVERIES_MAX:
            raise Invalid("", f"The filter finds more than {_DELIVERIES_MAX} deliveries.", _narrower(command.action))
    return selected


def _narrower(action: Action) -> str:
    several = "Take them in parts, with --integration, --company, --state and --since."
    return f"{several} Or in batches: billhook replay deliveries" if action is Action.RETRY else several


def _find(uow: UnitOfWork, delivery_id: int) -> Delivery:
    delivery = uow.deliveries.find(delivery_id)
    if delivery is None:
        raise NotFound("delivery", f"dlv_{delivery_id}", "billhook deliveries list")
    return delivery
