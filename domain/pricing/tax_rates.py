"""Tax rates by country and tax code."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Supply(StrEnum):
    """What is sold: it decides between K and AE across a border inside the EU."""

    GOODS = "goods"
    SERVICES = "services"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """The rate of a tax code in a country, as a fraction. With ``exempt_reason`` it is an exemption (category E)."""

    country: str
    tax_code: str
    rate: Decimal
    exempt_reason: str = ""
    supply: Supply = Supply.GOODS
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date | None) -> bool:
        """Whether the rate is valid on that day; a day unknown takes the rate without an end."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class TaxRates:
    """Finds the rate for a country, a tax code and a day."""

    def __init__(self, rates: Iterable[TaxRate] = ()) -> None:
        self._rates: dict[tuple[str, str], list[TaxRate]] = defaultdict(list)
        for rate in rates:
            self._rates[rate.country, rate.tax_code].append(rate)
        for entries in self._rates.values():
            entries.sort(key=lambda rate: rate.valid_from or date.min, reverse=True)

    def find(self, country: str, tax_code: str, day: date | None) -> TaxRate | None:
        """The rate in force, or None."""
        for rate in self._rates.get((country, tax_code), ()):
            if rate.holds_on(day):
                return rate
        return None
