"""What a lane's visits have to tell: it cannot be used, it works again, or documents of it need a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.incidents import about, resolve_about, tell
from application.ports.deliveries import Change
from application.ports.unit_of_work import UnitOfWork
from domain.delivery.incident import cause_of_delivery, cause_of_failure
from domain.delivery.state import DeliveryState


@dataclass(frozen=True, slots=True)
class LaneFailure:
    """Why a lane cannot be used now. ``code`` and ``next_step`` are those of a permanent error."""

    reason: str
    retry_after_s: float | None = None
    code: str = ""
    next_step: str = ""


def lane_failed(uow: UnitOfWork, path: str, failure: LaneFailure, failures: int, now: datetime) -> None:
    """It had to be parked, for the ``failures``-th time in a row."""
    cause = cause_of_failure(failure.code, failures)
    integration = uow.configurations.current().integrations.get(path) if cause else None
    if integration is not None:
        next_step = failure.next_step or f"It is tried again by itself. Look at it with: billhook integrations check {path}"
        tell(uow, about(integration, cause, f"Nothing can be delivered to {path}: {failure.reason}", next_step), now)


def lane_works(uow: UnitOfWork, path: str, now: datetime) -> None:
    """Something of it was delivered: whatever was wrong with the connection is over."""
    resolve_about(uow, path, lambda incident: not incident.is_about_deliveries, now)


def deliveries_stopped(uow: UnitOfWork, path: str, changes: Sequence[Change], now: datetime) -> None:
    """Some need a person: one incident for all that have the same cause, whenever they come."""
    stopped = [change for change in changes if change.state is DeliveryState.NEEDS_HUMAN]
    integration = uow.configurations.current().integrations.get(path) if stopped else None
    if integration is None:
        return
    by_cause: dict[str, list[Change]] = {}
    for change in stopped:
        by_cause.setdefault(cause_of_delivery(change.detail), []).append(change)
    # In one order for all, so that two who tell the same never wait for each other in a circle.
    for cause, changed in sorted(by_cause.items()):
        first = changed[0]
        text = f"Deliveries to {path} need a person, first dlv_{first.delivery_id}: {first.detail}"
        listing = f"billhook deliveries list --integration {path} --state needs_human"
        tell(uow, about(integration, cause, text, f"{_sentence(first.next_step)}All of them: {listing}", len(changed)), now)


def _sentence(text: str) -> str:
    """With its stop, to be followed by another one."""
    return f"{text.rstrip('. ')}. " if text else ""
