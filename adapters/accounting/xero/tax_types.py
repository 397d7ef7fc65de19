"""Our tax category and rate as one tax type of the organisation (facts: accounting-apis, B1.11 Tax).

Several types share 0 %, and some organisations have several of the same rate. What a type means decides, never its place in the list:
a type of Xero's own that belongs to the category wins, one that belongs to another category is no candidate, and among the types that
somebody made up only a single one is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adapters.accounting.xero.chart import TaxRate
from domain.errors import DomainError
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.tax_decision import Regime, TaxDecision

_HUNDRED = Decimal(100)
# Xero's own types for sales by what they mean, the nearest first.
_MEANING: Mapping[Category, tuple[str, ...]] = {
    Category.STANDARD: (
        "OUTPUT2", "OUTPUT", "OUTPUT3", "OUTPUT4", "OUTPUTY24", "OUTPUTY23", "RROUTPUT", "SROUTPUT", "SROUTPUT2", "DSOUTPUT",
    ),
    Category.ZERO_RATED: ("ZERORATEDOUTPUT", "ZERORATED"),
    Category.EXEMPT: ("EXEMPTOUTPUT", "ES33OUTPUT", "ESN33OUTPUT", "INPUTTAXED"),
    Category.INTRA_COMMUNITY: ("ECZROUTPUT",),
    Category.REVERSE_CHARGE: ("ECZROUTPUTSERVICES", "REVERSECHARGES"),
    Category.EXPORT: ("EXEMPTEXPORT", "ZERORATEDOUTPUT", "ZERORATED"),
    Category.OUTSIDE_SCOPE: ("NONE",),
}  # fmt: skip
# What people make up themselves is called TAX001 and so on; every other type means something particular.
_MADE_UP = "TAX"
_ALL_MEANINGS = frozenset(name for names in _MEANING.values() for name in names)


@dataclass(frozen=True, slots=True)
class TaxTypes:
    """The choice for one organisation, one account and one integration's ``tax_types``."""

    rates: Sequence[TaxRate]
    account_class: str
    overrides: Mapping[str, str]

    def of(self, tax: LineTax, decision: TaxDecision) -> TaxRate:
        """The type for a line. Raises DomainError("tax_type_missing"), ("tax_type_ambiguous") or ("tax_type_wrong")."""
        percent = tax.rate * _HUNDRED
        usable = [rate for rate in self.rates if rate.is_active and self.account_class in rate.classes]
        for key in override_keys(tax.category, percent, decision.rate_country):
            if key in self.overrides:
                return _named(self.overrides[key], key, percent, self.rates, usable)
        fitting = [rate for rate in usable if rate.percent == percent]
        # The rate of another member state is never Xero's own standard rate, even where the figures are the same.
        own = () if decision.regime is Regime.DISTANCE_SALE_OSS else _MEANING[tax.category]
        by_type = {rate.tax_type: rate for rate in fitting}
        meant = next((by_type[name] for name in own if name in by_type), None)
        if meant is not None:
            return meant
        made_up = [rate for rate in fitting if rate.tax_type.startswith(_MADE_UP) or rate.tax_type not in _ALL_MEANINGS]
        if tax.category is not Category.OUTSIDE_SCOPE and len(made_up) == 1 and made_up[0].tax_type.startswith(_MADE_UP):
            return made_up[0]
        raise _undecided(tax.category, percent, decision.rate_country, made_up, fitting)


def override_keys(category: Category, percent: Decimal, country: str) -> tuple[str, ...]:
    """The keys of ``tax_types`` that fit, the most particular first: ``S 21 BE``, ``S 21``, ``S``."""
    rate = f"{category.value} {plain(percent)}"
    return (f"{rate} {country}", rate, category.value) if country else (rate, category.value)


def plain(percent: Decimal) -> str:
    """A percentage as people write it: 20, 17.5."""
    return format(percent.normalize(), "f")


def _named(name: str, key: str, percent: Decimal, rates: Sequence[TaxRate], usable: Sequence[TaxRate]) -> TaxRate:
    found = next((rate for rate in usable if rate.tax_type == name), None)
    if found is not None and found.percent == percent:
        return found
    if found is not None:
        problem = f"it has {plain(found.percent)} %, not {plain(percent)} %"
    elif any(rate.tax_type == name for rate in rates):
        problem = "it is not active, or not for this account"
    else:
        problem = "the organisation has no such tax type"
    text = f"tax_types names {name} for {key!r}, but {problem}."
    raise DomainError("tax_type_wrong", text, f"Correct {key!r} in tax_types; known here: {_shown(usable)}")


def _undecided(category: Category, percent: Decimal, country: str, made_up: Sequence[TaxRate], fitting: Sequence[TaxRate]) -> DomainError:
    what = f"{category.value} at {plain(percent)} %" + (f" ({country})" if country else "")
    key = override_keys(category, percent, country)[0]
    setting = f'tax_types: {{"{key}": CODE}}'
    candidates = made_up or fitting
    if not candidates:
        next_step = f"Add a tax rate of {plain(percent)} % for sales in Xero, or write {setting} with one that is there"
        return DomainError("tax_type_missing", f"The organisation has no active tax rate for {what} on this account.", next_step)
    text = f"Which tax rate of the organisation is meant by {what} cannot be told. Candidates: {_shown(candidates)}."
    return DomainError("tax_type_ambiguous", text, f"Write {setting} with the code of the right one")


def _shown(rates: Sequence[TaxRate]) -> str:
    return ", ".join(f"{rate.tax_type} ({rate.name}, {plain(rate.percent)} %)" for rate in rates) or "none"
