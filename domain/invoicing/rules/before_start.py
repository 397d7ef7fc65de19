"""Nothing created before the plan's start is invoiced (seed 002: Starting From)."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    starts_at = case.known_terms.company.plan.starting_from
    if starts_at is None:
        return True
    return case.order.created_at is not None and case.order.created_at >= starts_at


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"created_at": str(case.order.created_at), "starting_from": str(case.known_terms.company.plan.starting_from)}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return "Move plan.starting_from back if this order shall be invoiced, and run: billhook apply -f FILE"
