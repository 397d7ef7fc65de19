"""Which calls came, without what must not be seen in a test's output."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.xero.wire import Call

_SECRET = frozenset({"authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class Logged:
    """A call as it came. ``path`` of the accounting API begins after ``api.xro/2.0``; ``headers`` in lower case, secrets left out."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class CallLog:
    """Every call that arrived, also those that were refused. Bodies of the token endpoint are not kept."""

    def __init__(self) -> None:
        self.entries: list[Logged] = []
        self._lock = threading.Lock()

    def add(self, call: Call, path: str) -> None:
        """Remember a call."""
        headers = {name: value for name, value in call.headers.items() if name not in _SECRET}
        body = b"" if path.startswith("/connect/") else call.body
        with self._lock:
            self.entries.append(Logged(call.method, path, call.query, headers, body))

    @property
    def total(self) -> int:
        return len(self.entries)

    def by_path(self) -> Counter[str]:
        """How many of each ``PUT /Invoices``."""
        return Counter(f"{entry.method} {entry.path}" for entry in self.entries)

    def by_tenant(self) -> Counter[str]:
        """How many for each tenant; calls that are for none are left out."""
        return Counter(entry.headers["xero-tenant-id"] for entry in self.entries if "xero-tenant-id" in entry.headers)

    def of(self, method: str, path: str) -> list[Logged]:
        """The calls of one method and path."""
        return [entry for entry in self.entries if (entry.method, entry.path) == (method, path)]
