"""Orders free of charge are not invoiced."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.order.is_free_of_charge


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"is_free_of_charge": str(case.order.is_free_of_charge).lower()}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return "Nothing to do, unless the order management system reports it as charged."
