"""Orders in error are left out unless the plan includes them (seed 002: Include Orders with Errors)."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.order.has_error or case.known_terms.company.plan.include_orders_with_errors


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"has_error": str(case.order.has_error).lower(), "error_message": case.order.error_message}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return "Clear the error in the order management system, or set plan.include_orders_with_errors: true."
