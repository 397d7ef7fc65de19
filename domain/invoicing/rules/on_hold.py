"""Orders on hold are never invoiced; no setting changes that (seed 002, 22-09-2021)."""

from collections.abc import Mapping

from domain.invoicing.case import Case
from domain.orders.status import ON_HOLD, is_one_of


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not is_one_of(case.order.status, case.order.status_name, ON_HOLD)


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"status": str(case.order.status), "status_name": case.order.status_name}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return "Release the order in the order management system; its next message is decided anew."
