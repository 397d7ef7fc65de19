"""An invoice needs one known currency: the order's, else the company's."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.priced.currency_problem


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"currency": case.priced.currency_problem or case.priced.currency}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return (
        f"Send currency_code (ISO 4217) with the order, or set currency for company {case.order.company_ref!r}, "
        "and run: billhook apply -f FILE"
    )
