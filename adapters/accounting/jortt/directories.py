"""All customers of organisations, kept for a minute by the whole process.

Whether jortt's ``query`` searches e-mail addresses is not documented, and a search may miss what is new (facts: accounting-apis, B3.3,
B3.8). So customers are found in the full list, a hundred in a call.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.texts import email_form, folded, folded_name

KEPT_S = 60.0
# Twenty thousand customers take half a minute of all the calls there are: a list is of use for a few times as long as it takes.
_TIMES = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer, as far as it is looked for. E-mail, name and postcode are folded for comparing; ``name`` is as it is there."""

    customer_id: str
    name: str
    reference: str
    email: str
    folded_name: str
    postcode: str
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Directories:
    """One for a process; several lanes may ask at once."""

    now: Callable[[], float] = time.monotonic
    _kept: dict[str, "_List"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, api: JorttApi, max_age_s: float = KEPT_S) -> Sequence[Entry]:
        """The customers of an organisation, no older than that, or than a few times what reading them takes."""
        with self._lock:
            kept = self._kept.get(api.scope)
        if kept is not None and self.now() - kept.asked_at <= max(max_age_s, _TIMES * kept.took_s):
            return kept.entries
        asked_at = self.now()
        entries = [entry_of(record) for page in api.pages("/customers") for record in page]
        with self._lock:
            self._kept[api.scope] = _List(asked_at, self.now() - asked_at, entries)
        return entries

    def add(self, scope: str, customer_id: str, record: Record) -> None:
        """We created one."""
        with self._lock:
            if scope in self._kept:
                self._kept[scope].entries.append(entry_of({**record, "id": customer_id}))

    def forget(self, scope: str) -> None:
        """Read it anew next time."""
        with self._lock:
            self._kept.pop(scope, None)


@dataclass(frozen=True, slots=True)
class _List:
    """When it was asked for, how long that took, and who is in it."""

    asked_at: float
    took_s: float
    entries: list[Entry]


def entry_of(record: Record) -> Entry:
    """A record of a list."""
    name = str(record.get("customer_name") or "")
    return Entry(
        customer_id=str(record.get("id") or ""),
        name=name,
        reference=folded(record.get("reference")),
        email=email_form(record.get("email")),
        folded_name=folded_name(name),
        postcode=folded(record.get("address_postal_code")).replace(" ", ""),
        is_archived=record.get("archived") is True,
    )
