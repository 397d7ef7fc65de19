from decimal import Decimal

import pytest

from domain.pricing.line_tax import STANDARD, Category, resolve_line_tax
from domain.pricing.tax_decision import decide_tax
from domain.pricing.tax_rates import TaxRates
from tests.factories import a_party_in, an_admin_company, tax_rates

DOMESTIC = decide_tax(an_admin_company(), a_party_in("GB"), "")
RATES = TaxRates(tax_rates())


@pytest.mark.parametrize(
    ("tax_code", "own_rate", "fallback", "expected"),
    [
        ("standard", "0.05", "zero", "0.20"),
        ("", "0.05", "standard", "0.05"),
        ("", None, "standard", "0.20"),
        ("", None, STANDARD, "0.20"),
        ("", None, "", None),
        ("unheard-of", "0.05", "standard", None),
    ],
)
def test_the_code_goes_before_the_own_rate_and_that_before_the_fallback(
    tax_code: str, own_rate: str | None, fallback: str, expected: str | None
) -> None:
    """A code without a rate is a hole in the configuration, which another source must not hide."""
    tax = resolve_line_tax(DOMESTIC, RATES, tax_code, None if own_rate is None else Decimal(own_rate), fallback, None)

    assert (str(tax.rate) if tax else None) == expected


def test_an_own_rate_of_zero_is_zero_rated() -> None:
    """And needs no code."""
    tax = resolve_line_tax(DOMESTIC, RATES, "", Decimal("0.00"), "", None)

    assert tax is not None
    assert tax.category is Category.ZERO_RATED
