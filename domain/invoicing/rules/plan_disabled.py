"""The company's plan must be enabled; an admin company is never invoiced itself (seed facts 1.2)."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.is_admin_company and case.known_terms.company.plan.enabled


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"company": case.order.company_ref, "is_admin_company": str(case.is_admin_company).lower()}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return (
        "An admin company is never invoiced: send the order under its retailer or dropship company."
        if case.is_admin_company
        else f"Set plan.enabled: true for company {case.order.company_ref!r} and run: billhook apply -f FILE"
    )
