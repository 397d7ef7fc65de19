"""The price list of a company, with quantity breaks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """From this quantity on, one unit costs ``unit_price`` (ex tax), while the dates hold (both inclusive)."""

    currency: str
    sku: str
    unit_price: Decimal
    from_quantity: Decimal = Decimal(1)
    tax_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date | None) -> bool:
        """Whether the price is valid on that day; a day unknown fits only prices without dates."""
        if day is None:
            return self.valid_from is None and self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class PriceList:
    """Finds the price that applies: highest ``from_quantity`` not above the quantity (DESIGN section 2, Prices)."""

    def __init__(self, breaks: Iterable[PriceBreak] = ()) -> None:
        self._breaks: dict[tuple[str, str], list[PriceBreak]] = defaultdict(list)
        for entry in breaks:
            self._breaks[entry.currency, entry.sku].append(entry)
        for entries in self._breaks.values():
            # Of two prices from one quantity on, the one that began last wins.
            entries.sort(key=lambda entry: (entry.from_quantity, entry.valid_from or date.min), reverse=True)

    def find(self, currency: str, sku: str, quantity: Decimal, day: date | None) -> PriceBreak | None:
        """The applying price of one unit, or None."""
        for entry in self._breaks.get((currency, sku), ()):
            if entry.from_quantity <= quantity and entry.holds_on(day):
                return entry
        return None
