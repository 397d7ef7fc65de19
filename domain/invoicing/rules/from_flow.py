"""An order of another accounting system is handed on by a flow, and never invoiced here: there it has its invoice (seed 003)."""

from collections.abc import Mapping

from domain.companies.flow import flow_of
from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not flow_of(case.order.source)


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"source": case.order.source}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return f"It came from another accounting system with the flow {flow_of(case.order.source)!r}: it is handed on, not invoiced."
