"""The order's company must be configured."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return case.terms is not None or case.is_admin_company


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"company": case.order.company_ref}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return f"Declare company {case.order.company_ref!r} in the configuration and run: billhook apply -f FILE"
