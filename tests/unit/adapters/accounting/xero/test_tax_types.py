from decimal import Decimal
from typing import Any

import pytest

from adapters.accounting.xero.chart import TaxRate, read_chart
from adapters.accounting.xero.tax_types import TaxTypes
from domain.errors import DomainError
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.tax_decision import Regime, TaxDecision
from tests.fakes.xero.chart import TAX_RATES

BRITISH = read_chart({}, [], [rate.shown() for rate in TAX_RATES], []).tax_rates


def a_rate(tax_type: str, percent: str, **changes: Any) -> TaxRate:
    return TaxRate(tax_type, tax_type.title(), Decimal(percent), changes.get("is_active", True), frozenset({"REVENUE"}))


def chosen(category: Category, rate: str, *rates: TaxRate, country: str = "GB", oss: bool = False, **overrides: str) -> str:
    decision = TaxDecision(Regime.DISTANCE_SALE_OSS if oss else Regime.DOMESTIC, country, ())
    known = {name.replace("_", " "): tax_type for name, tax_type in overrides.items()}
    return TaxTypes(rates or BRITISH, "REVENUE", known).of(LineTax(category, Decimal(rate)), decision).tax_type


@pytest.mark.parametrize(
    ("category", "rate", "expected"),
    [
        (Category.STANDARD, "0.20", "OUTPUT2"),
        (Category.STANDARD, "0.05", "RROUTPUT"),
        (Category.ZERO_RATED, "0", "ZERORATEDOUTPUT"),
        (Category.EXEMPT, "0", "EXEMPTOUTPUT"),
        (Category.INTRA_COMMUNITY, "0", "ECZROUTPUT"),
        (Category.REVERSE_CHARGE, "0", "ECZROUTPUTSERVICES"),
        (Category.EXPORT, "0", "ZERORATEDOUTPUT"),
        (Category.OUTSIDE_SCOPE, "0", "NONE"),
    ],
)
def test_of_the_types_that_share_a_rate_the_category_decides(category: Category, rate: str, expected: str) -> None:
    """Whatever their order in the list."""
    assert chosen(category, rate) == expected
    assert chosen(category, rate, *reversed(BRITISH)) == expected


def test_a_rate_that_is_not_active_or_not_for_sales_is_no_candidate() -> None:
    for rates in ([a_rate("OUTPUT2", "20", is_active=False)], [TaxRate("INPUT2", "", Decimal(20), is_active=True, classes=frozenset())]):
        with pytest.raises(DomainError, match="no active tax rate"):
            chosen(Category.STANDARD, "0.20", *rates)


def test_a_single_rate_that_somebody_made_up_is_taken() -> None:
    assert chosen(Category.STANDARD, "0.21", a_rate("TAX001", "21"), a_rate("NONE", "0")) == "TAX001"


def test_several_that_somebody_made_up_are_ambiguous_and_listed_with_the_setting_to_write() -> None:
    rates = [a_rate("TAX001", "21"), a_rate("TAX002", "21")]

    with pytest.raises(DomainError) as refused:
        chosen(Category.STANDARD, "0.21", *rates, country="NL")

    assert refused.value.code == "tax_type_ambiguous"
    assert "TAX001" in refused.value.text
    assert "TAX002" in refused.value.text
    assert '"S 21 NL"' in refused.value.next_step


def test_a_type_of_another_meaning_is_never_taken_for_want_of_a_better() -> None:
    """An organisation without EC types: exempt income is no intra-Community supply."""
    with pytest.raises(DomainError) as refused:
        chosen(Category.INTRA_COMMUNITY, "0", a_rate("EXEMPTOUTPUT", "0"), a_rate("NONE", "0"))

    assert refused.value.code == "tax_type_ambiguous"


def test_the_rate_of_another_member_state_is_not_the_own_standard_rate() -> None:
    """Belgium and the Netherlands both charge 21 %."""
    rates = [a_rate("OUTPUT2", "21"), a_rate("TAX009", "21")]

    assert chosen(Category.STANDARD, "0.21", *rates, country="BE", oss=True) == "TAX009"
    assert chosen(Category.STANDARD, "0.21", *rates, country="NL") == "OUTPUT2"


def test_the_most_particular_override_wins() -> None:
    rates = [a_rate("TAX001", "21"), a_rate("TAX002", "21"), a_rate("TAX003", "21")]
    overrides = {"S": "TAX001", "S_21": "TAX002", "S_21_BE": "TAX003"}

    assert chosen(Category.STANDARD, "0.21", *rates, country="BE", **overrides) == "TAX003"
    assert chosen(Category.STANDARD, "0.21", *rates, country="NL", **overrides) == "TAX002"


@pytest.mark.parametrize(
    ("named", "problem"), [("TAX009", "no such tax type"), ("RROUTPUT", "has 5 %, not 20 %"), ("SROUTPUT", "not active")]
)
def test_an_override_that_cannot_be_right_is_refused(named: str, problem: str) -> None:
    with pytest.raises(DomainError) as refused:
        chosen(Category.STANDARD, "0.20", S=named)

    assert refused.value.code == "tax_type_wrong"
    assert problem in refused.value.text
