from datetime import date
from decimal import Decimal

import pytest

from domain.pricing.tax_rates import TaxRates
from tests.factories import a_tax_rate


def test_a_rate_is_of_one_country_and_code() -> None:
    """None stands in for another."""
    rates = TaxRates([a_tax_rate("GB"), a_tax_rate("NL")])

    found = rates.find("NL", "standard", None)
    assert found is not None
    assert found.rate == Decimal("0.21")
    assert rates.find("SE", "standard", None) is None
    assert rates.find("GB", "reduced", None) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 3, 31), "0.12"), (date(2026, 4, 1), "0.06"), (date(2027, 12, 31), "0.06"), (date(2028, 1, 1), None), (None, "0.07")],
)
def test_the_rate_in_force_on_the_day_applies(day: date | None, expected: str | None) -> None:
    """As with the Swedish rate of food, halved for a time; a day unknown takes the rate without an end."""
    rates = TaxRates(
        [
            a_tax_rate("SE", "0.12", valid_to=date(2026, 3, 31)),
            a_tax_rate("SE", "0.06", valid_from=date(2026, 4, 1), valid_to=date(2027, 12, 31)),
            a_tax_rate("SE", "0.07", valid_from=date(2028, 1, 2)),
        ]
    )

    found = rates.find("SE", "standard", day)

    assert (str(found.rate) if found else None) == expected


def test_a_day_unknown_takes_the_rate_without_an_end() -> None:
    """Not the one that began last, if that is to end again."""
    rates = TaxRates([a_tax_rate("SE", "0.12"), a_tax_rate("SE", "0.06", valid_from=date(2026, 4, 1), valid_to=date(2027, 12, 31))])

    found = rates.find("SE", "standard", None)

    assert found is not None
    assert found.rate == Decimal("0.12")
