"""Every line must resolve to a price: its unit cost price, else the company's price list."""

from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.priced.missing_prices


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"missing": ", ".join(case.priced.missing_prices)}


def fix(case: Case) -> str:
    """What would let the order pass."""
    if not case.order.lines:
        return "The order has no lines: send it again with its items."
    missing = ", ".join(case.priced.missing_prices)
    return (
        f"Run billhook export > FILE, add {missing} in {case.priced.currency} to the prices of company {case.order.company_ref!r} "
        "in that file, which must hold the company's whole list, then run: billhook apply -f FILE"
    )
