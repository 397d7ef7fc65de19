"""The tax category and rate of one line under a regime."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.money import ZERO
from domain.pricing.tax_decision import Regime, TaxDecision
from domain.pricing.tax_rates import Supply, TaxRate, TaxRates
from domain.value import value

STANDARD = "standard"


class Category(StrEnum):
    """UNCL 5305."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


# What a document must say where no tax is charged (EN 16931, exemption reasons).
REASONS = {
    Category.OUTSIDE_SCOPE: "Not subject to VAT: the seller is not registered",
    Category.INTRA_COMMUNITY: "Intra-Community supply, Art. 138 of Directive 2006/112/EC",
    Category.REVERSE_CHARGE: "Reverse charge, Art. 44 and 196 of Directive 2006/112/EC",
    Category.EXPORT: "Export outside the VAT territory",
}


@value
class LineTax:
    """Category, rate as a fraction, and the reason where the law wants one."""

    category: Category
    rate: Decimal
    reason: str = ""


def resolve_line_tax(  # noqa: PLR0913 - one argument a source of the rate, in the order of their rank
    decision: TaxDecision, rates: TaxRates, tax_code: str, own_rate: Decimal | None, fallback_code: str, day: date | None
) -> LineTax | None:
    """The tax of a line: its ``tax_code``, else its own rate, else ``fallback_code``; None where nothing resolves."""
    if decision.regime is Regime.UNDECIDED:
        return None
    code = tax_code or ("" if own_rate is not None else fallback_code)
    if not decision.rate_country:
        return _untaxed(decision, rates, code, day)
    if not code:
        return None if own_rate is None else _by_rate(own_rate)
    rate = rates.find(decision.rate_country, code, day)
    return None if rate is None else _by_entry(rate)


def _untaxed(decision: TaxDecision, rates: TaxRates, code: str, day: date | None) -> LineTax:
    if decision.regime is Regime.SELLER_NOT_REGISTERED:
        category = Category.OUTSIDE_SCOPE
    elif decision.regime is Regime.EXPORT:
        category = Category.EXPORT
    else:
        seller_country = decision.facts_by_name["seller_country"]
        entry = rates.find(seller_country, code, day) if code else None
        is_service = entry is not None and entry.supply is Supply.SERVICES
        category = Category.REVERSE_CHARGE if is_service else Category.INTRA_COMMUNITY
    return LineTax(category, ZERO, REASONS[category])


def _by_rate(rate: Decimal) -> LineTax:
    return LineTax(Category.STANDARD if rate else Category.ZERO_RATED, rate)


def _by_entry(entry: TaxRate) -> LineTax:
    if entry.exempt_reason:
        return LineTax(Category.EXEMPT, ZERO, entry.exempt_reason)
    return _by_rate(entry.rate)
