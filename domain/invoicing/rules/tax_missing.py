"""Every line and the shipping must resolve to a tax rate, for which the buyer's country must be known."""

from collections.abc import Mapping

from domain.invoicing.case import Case
from domain.pricing.tax_decision import Regime


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.priced.missing_taxes


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"missing": ", ".join(case.priced.missing_taxes), "regime": case.tax_decision.regime}


def fix(case: Case) -> str:
    """What would let the order pass."""
    if case.tax_decision.regime is Regime.UNDECIDED:
        return "Send the buyer's country (billing_country_code, ISO 3166) with the order: without it no tax can be chosen."
    missing = ", ".join(case.priced.missing_taxes)
    return f"Add a rate for {missing} to tax_rates and run: billhook apply -f FILE"
