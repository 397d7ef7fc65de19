"""Which VAT may stand on a line: jortt is asked once for each customer (facts: accounting-apis, B3.6)."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.accounting.jortt.api import JorttApi, Record
from domain.errors import DomainError
from domain.pricing.line_tax import Category, LineTax

KEPT_S = 600.0
# Before something is refused because of what is set up, it is read again unless it is this young: a person may have mended it.
YOUNG_S = 5.0
_EXEMPT = "exempt"
_PERCENT = Decimal("0.01")
_KEPT_MAX = 20_000
# A seller who is not registered, or below the threshold, finds only the exempt rate at jortt.
_MAY_BE_EXEMPT = frozenset({Category.EXEMPT, Category.OUTSIDE_SCOPE})


@dataclass(frozen=True, slots=True)
class Vat:
    """A rate as jortt writes it: a fraction, and a category or none."""

    rate: Decimal
    category: str | None = None

    def body(self) -> dict[str, str | None]:
        """As it is sent; 21 % is "0.21"."""
        in_percent = self.rate.quantize(_PERCENT)
        value = in_percent if in_percent == self.rate else self.rate.normalize()
        return {"value": f"{value:f}", "category": self.category}


@dataclass(frozen=True, slots=True)
class Vats:
    """What a customer may have; ``allowed`` None where it is not known (a preview before the customer is there)."""

    allowed: frozenset[Vat] | None

    def of(self, tax: LineTax) -> Vat:
        """The one for a line. Raises DomainError("vat_not_offered")."""
        candidates = [Vat(tax.rate), Vat(tax.rate, _EXEMPT)] if tax.category in _MAY_BE_EXEMPT else [Vat(tax.rate)]
        if tax.category is Category.EXEMPT:
            candidates = [Vat(tax.rate, _EXEMPT)]
        found = next((each for each in candidates if self.allowed is None or each in self.allowed), None)
        if found is None:
            raise self._not_offered(tax)
        return found

    def _not_offered(self, tax: LineTax) -> DomainError:
        offered = ", ".join(sorted(f"{each.rate}{f' ({each.category})' if each.category else ''}" for each in self.allowed or ()))
        text = f"jortt does not offer VAT of {tax.rate} (category {tax.category}) for this customer; it offers {offered or 'none'}."
        return DomainError(
            "vat_not_offered", text, "Correct country and VAT number of the customer, the tax rates, or the VAT settings in jortt"
        )


@dataclass(frozen=True, slots=True)
class VatLists:
    """What jortt said for customers, kept for some minutes by the whole process; several lanes may ask at once."""

    now: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, str], tuple[float, Vats]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, api: JorttApi, customer_id: str, max_age_s: float = KEPT_S) -> Vats:
        """For a customer; one call where it must be asked. Raises DomainError("customer_gone")."""
        key = (api.scope, customer_id)
        with self._lock:
            read_at, kept = self._kept.get(key, (0.0, None))
        if kept is not None and self.now() - read_at <= max_age_s:
            return kept
        found = api.read(f"/customers/{customer_id}/vat-percentages")
        if found is None:
            raise customer_gone(customer_id)
        vats = Vats(frozenset(read_vats(found.get("vats"))))
        with self._lock:
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            self._kept[key] = (self.now(), vats)
        return vats

    def forget(self, scope: str, customer_id: str) -> None:
        """The customer has changed, or is gone."""
        with self._lock:
            self._kept.pop((scope, customer_id), None)


def customer_gone(customer_id: str) -> DomainError:
    """There is no such customer any more."""
    return DomainError("customer_gone", f"jortt has no customer {customer_id} any more.", "Look for the customer in jortt")


def read_vats(given: Any) -> Iterable[Vat]:
    """The rates of an answer; what is none is left out."""
    for each in given if isinstance(given, list) else ():
        vat = read_vat(each)
        if vat is not None:
            yield vat


def read_vat(given: Any) -> Vat | None:
    """A rate of a list or of a line."""
    if not isinstance(given, dict):
        return None
    try:
        return Vat(Decimal(str(given.get("value"))), str(given["category"]) if given.get("category") else None)
    except InvalidOperation:
        return None


def vats_on(record: Record) -> frozenset[Vat]:
    """The rates on the lines of a document there."""
    lines = record.get("line_items")
    return frozenset(read_vats([line.get("vat") for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []))
