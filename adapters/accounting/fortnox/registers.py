"""What companies have set up at Fortnox, kept for some minutes by the whole process: it changes seldom, and calls are few."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.records import text_of
from domain.errors import DomainError

KEPT_S = 600.0
# Before something is refused because of what is set up, it is read again unless it is this young: a person may have mended it.
YOUNG_S = 15.0


@dataclass(frozen=True, slots=True)
class Register:
    """One company. ``terms`` are the codes of its terms of payment, None where the app may not read them. ``locked_until`` is closed."""

    currencies: frozenset[str]
    terms: frozenset[str] | None
    locked_until: date | None


@dataclass(frozen=True, slots=True)
class Registers:
    """One for a process; several lanes may ask at once."""

    now: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, Register]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, api: FortnoxApi, max_age_s: float = KEPT_S) -> Register:
        """The company of a connection, no older than that; three calls where it must be read."""
        scope = api.scope
        with self._lock:
            read_at, kept = self._kept.get(scope, (0.0, None))
        if kept is not None and self.now() - read_at <= max_age_s:
            return kept
        register = _read(api)
        with self._lock:
            self._kept[scope] = (self.now(), register)
        return register


def _read(api: FortnoxApi) -> Register:
    # Which scope terms of payment need is not documented: without it they are not checked.
    currencies = frozenset(text_of(each, "Code") for each in api.listed("currencies", "Currencies"))
    return Register(currencies, _terms(api), _locked_until(api))


def _terms(api: FortnoxApi) -> frozenset[str] | None:
    try:
        return frozenset(text_of(each, "Code") for each in api.listed("termsofpayments", "TermsOfPayments"))
    except DomainError:
        return None


def _locked_until(api: FortnoxApi) -> date | None:
    try:
        period = api.one("/settings/lockedperiod", "LockedPeriod") or {}
        return date.fromisoformat(text_of(period, "EndDate")[:10])
    except (DomainError, ValueError):
        return None
