"""Xero's limits: calls in flight, a minute and a day for each tenant, and a minute for the app, in fixed windows."""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.clock import Clock
from tests.fakes.xero.wire import Answer, Refused

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(slots=True)
class Window:
    """Calls since the first one; it ends so long after that one, and the next call begins another."""

    length: timedelta
    allowed: int
    begun_at: datetime | None = None
    used: int = 0

    def remaining(self, now: datetime) -> int:
        """How many more calls it takes."""
        if self.begun_at is not None and now - self.begun_at >= self.length:
            self.begun_at, self.used = None, 0
        return self.allowed - self.used

    def take(self, now: datetime) -> None:
        """Count one call."""
        self.begun_at = self.begun_at or now
        self.used += 1

    def seconds_left(self, now: datetime) -> int:
        """Until it ends, in whole seconds, at least one."""
        ends_in = self.length - (now - (self.begun_at or now))
        return max(1, math.ceil(ends_in.total_seconds()))


@dataclass(slots=True)
class Allowance:
    """How much is allowed; Xero's own figures are the defaults. A test may change them at any time before a tenant's first call."""

    in_flight: int = 5
    minute: int = 60
    day: int = 5000
    app_minute: int = 10_000


@dataclass(slots=True)
class _Tenant:
    minute: Window
    day: Window
    in_flight: int = 0


@dataclass(slots=True)
class Limits:
    """Counts calls. ``peak_in_flight`` is of one tenant, refused calls not counted; ``refused`` counts 429s by their problem."""

    clock: Clock
    allowance: Allowance
    peak_in_flight: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    _tenants: dict[str, _Tenant] = field(default_factory=dict)
    _apps: dict[str, Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def passing(self, client_id: str, tenant_id: str) -> Iterator[dict[str, str]]:
        """Let one call through; gives the headers for its answer. Error: Refused, with 429."""
        headers = self._enter(client_id, tenant_id)
        try:
            yield headers
        finally:
            with self._lock:
                self._tenants[tenant_id].in_flight -= 1

    def use_up_day(self, tenant_id: str, remaining: int = 0) -> None:
        """As if the tenant had made its calls of the day, but for so many."""
        with self._lock:
            day = self._of(tenant_id).day
            day.begun_at = day.begun_at or self.clock.now()
            day.used = day.allowed - remaining

    def _enter(self, client_id: str, tenant_id: str) -> dict[str, str]:
        now = self.clock.now()
        with self._lock:
            tenant = self._of(tenant_id)
            app = self._apps.setdefault(client_id, Window(_MINUTE, self.allowance.app_minute))
            windows = {"day": tenant.day, "minute": tenant.minute, "appminute": app}
            spent = [problem for problem, window in windows.items() if window.remaining(now) <= 0]
            if spent:
                self._refuse(spent[0], windows, now, str(windows[spent[0]].seconds_left(now)))
            if tenant.in_flight >= self.allowance.in_flight:
                self._refuse("concurrent", windows, now)
            for window in windows.values():
                window.take(now)
            tenant.in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, tenant.in_flight)
            return _headers(windows, now)

    def _of(self, tenant_id: str) -> _Tenant:
        if tenant_id not in self._tenants:
            self._tenants[tenant_id] = _Tenant(Window(_MINUTE, self.allowance.minute), Window(_DAY, self.allowance.day))
        return self._tenants[tenant_id]

    def _refuse(self, problem: str, windows: dict[str, Window], now: datetime, retry_after: str | None = None) -> None:
        self.refused[problem] += 1
        headers = _headers(windows, now) | {"X-Rate-Limit-Problem": problem}
        if retry_after is not None:
            headers["Retry-After"] = retry_after
        raise Refused(Answer(429, b"", headers))


def _headers(windows: dict[str, Window], now: datetime) -> dict[str, str]:
    names = {"day": "X-DayLimit-Remaining", "minute": "X-MinLimit-Remaining", "appminute": "X-AppMinLimit-Remaining"}
    return {names[kind]: str(max(0, window.remaining(now))) for kind, window in windows.items()}
