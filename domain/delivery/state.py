"""The state machine of a delivery (DESIGN section 3)."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """Where one document stands on its way to one integration."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs_human"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


_S = DeliveryState
# From a state to those it may become. Only a person leads out of needs_human, delivered, skipped and cancelled.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.PENDING: frozenset({_S.IN_FLIGHT, _S.SKIPPED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.IN_FLIGHT, _S.PENDING, _S.SKIPPED, _S.CANCELLED}),
    _S.IN_FLIGHT: frozenset({_S.DELIVERED, _S.WAITING, _S.UNKNOWN, _S.NEEDS_HUMAN, _S.PENDING, _S.SKIPPED}),
    _S.UNKNOWN: frozenset({_S.DELIVERED, _S.PENDING, _S.WAITING, _S.NEEDS_HUMAN, _S.UNKNOWN, _S.CANCELLED}),
    _S.NEEDS_HUMAN: frozenset({_S.PENDING, _S.DELIVERED, _S.CANCELLED}),
    _S.DELIVERED: frozenset({_S.PENDING}),
    _S.SKIPPED: frozenset({_S.PENDING}),
    _S.CANCELLED: frozenset({_S.PENDING}),
}
OPEN = frozenset({_S.PENDING, _S.IN_FLIGHT, _S.WAITING, _S.UNKNOWN})


def may_become(current: DeliveryState, wanted: DeliveryState) -> bool:
    """Whether the machine allows the step."""
    return wanted in TRANSITIONS[current]
