"""The cache of idempotency keys: six minutes from the first call, and a key belongs to one request."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.clock import Clock
from tests.fakes.xero.wire import Answer, Call, json_answer

KEPT_FOR = timedelta(minutes=6)
_LENGTH_MAX = 128


@dataclass(slots=True)
class _Entry:
    fingerprint: str
    first_at: datetime
    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: Answer | None = None


class IdempotencyKeys:
    """Keys of one app. ``replays`` counts the answers that were given again."""

    def __init__(self, clock: Clock) -> None:
        self.replays = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, str], _Entry] = {}

    def once(self, client_id: str, call: Call, act: Callable[[], Answer]) -> Answer:
        """The answer of ``act``, or the one that the first call with this key got. A second call waits while the first is under way."""
        key = call.headers.get("idempotency-key")
        if key is None or call.method == "GET":
            return act()
        if not key or len(key) > _LENGTH_MAX:
            return _problem("Idempotency Key must have 1 to 128 characters.")
        entry = self._entry((client_id, key), _fingerprint(call))
        if entry is None:
            return _problem(f"Idempotency Key {key} is used with a different request.")
        with entry.lock:
            if entry.answer is None:
                entry.answer = act()
            else:
                self.replays += 1
            return entry.answer

    def _entry(self, place: tuple[str, str], fingerprint: str) -> _Entry | None:
        """The entry of a key, a new one where there is none or it is too old; None where it belongs to another request."""
        now = self._clock.now()
        with self._lock:
            known = self._entries.get(place)
            if known is None or now - known.first_at >= KEPT_FOR:
                known = self._entries[place] = _Entry(fingerprint, now)
            return known if known.fingerprint == fingerprint else None


def _fingerprint(call: Call) -> str:
    tenant = call.headers.get("xero-tenant-id", "")
    parts = [call.method, call.path, repr(sorted(call.query.items())), tenant, hashlib.sha256(call.body).hexdigest()]
    return "\n".join(parts)


def _problem(detail: str) -> Answer:
    return json_answer(400, {"Title": "Bad Request", "Status": 400, "Detail": detail})
