"""What organisations have set up, kept for an hour by the whole process: it changes seldom, and calls are few."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.chart import Chart, read_chart

# Four calls for each worker: every ten minutes they would take half of a day of 1,000.
KEPT_S = 3600.0
# Before something is refused because of what is set up, it is read again unless it is this young: a person may have mended it.
YOUNG_S = 15.0


@dataclass(frozen=True, slots=True)
class Charts:
    """One for a process; several lanes may ask at once."""

    now: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, Chart]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, api: XeroApi, max_age_s: float = KEPT_S) -> Chart:
        """The organisation of a connection, no older than that; four calls where it must be read."""
        scope = api.scope
        with self._lock:
            read_at, kept = self._kept.get(scope, (0.0, None))
        if kept is not None and self.now() - read_at <= max_age_s:
            return kept
        chart = _read(api)
        with self._lock:
            self._kept[scope] = (self.now(), chart)
        return chart


def _read(api: XeroApi) -> Chart:
    organisation = next(iter(api.records("Organisations", "/Organisation")), {})
    return read_chart(organisation, api.records("Accounts"), api.records("TaxRates"), api.records("Currencies"))
