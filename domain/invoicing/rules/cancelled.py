"""Cancelled, refunded and returned orders are never invoiced."""

from collections.abc import Mapping

from domain.invoicing.case import Case
from domain.orders.status import CANCELLED, is_one_of


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not is_one_of(case.order.status, case.order.status_name, CANCELLED)


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"status": str(case.order.status), "status_name": case.order.status_name}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return "Nothing to do, unless the order management system reports another status."
