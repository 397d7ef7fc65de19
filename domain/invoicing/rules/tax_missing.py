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
    return " ".join(filter(None, (_fix_of_rates(case), _fix_of_lines(case))))


def _fix_of_rates(case: Case) -> str:
    without_code = {line.sku or line.ref for line in case.order.lines}
    missing = ", ".join(name for name in case.priced.missing_taxes if name not in without_code)
    if not missing:
        return ""
    return (
        f"Correct the tax code, or run billhook export > FILE, add the rate of {missing} to tax_rates in that file, "
        "which must hold all rates of the country, then run: billhook apply -f FILE"
    )


def _fix_of_lines(case: Case) -> str:
    """For lines without a tax code: no rate in the table would ever be found for them."""
    lines = [line for line in case.order.lines if (line.sku or line.ref) in case.priced.missing_taxes]
    if not lines:
        return ""
    fix = f"Send a tax_code or a sale_vat_rate with {', '.join(dict.fromkeys(line.sku or line.ref for line in lines))}"
    # A line with a price of its own is not looked up in the price list.
    from_list = any(line.unit_cost_price is None for line in lines)
    return f"{fix}, or give its entry in the price list a tax_code." if from_list else f"{fix}."
