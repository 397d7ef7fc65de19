"""What can be made to go wrong with the next calls. A fault is planned for a path and holds for so many calls."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.fakes.xero.wire import Answer, text_answer

_HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one call.

    ``answered``: given instead of Xero's own answer; None: Xero's own. ``committed``: whether the call is carried out first.
    ``dropped``: the connection is reset instead of answering. ``at_gateway``: it happens before authentication, limits and the
    cache of idempotency keys, so a repeated key is a first call. ``delay_s`` and ``until`` hold the answer back, after the call
    was carried out. ``hidden_for``: look-ups and lists do not find what the call created, so many times.
    """

    answered: Answer | None = None
    committed: bool = True
    dropped: bool = False
    at_gateway: bool = False
    delay_s: float = 0.0
    until: threading.Event | None = None
    hidden_for: int = 0


NO_FAULT = Fault()


def create_then_drop() -> Fault:
    """Carry the call out, then reset the connection without an answer."""
    return Fault(dropped=True)


def drop_before_create() -> Fault:
    """Reset the connection; nothing was done."""
    return Fault(dropped=True, committed=False, at_gateway=True)


def slow(seconds: float) -> Fault:
    """Carry the call out and answer so much later, in real time."""
    return Fault(delay_s=seconds)


def held(until: threading.Event) -> Fault:
    """Carry the call out and answer when the event is set, or when the server closes."""
    return Fault(until=until)


def html_502(*, committed: bool = False) -> Fault:
    """A load balancer's page. It hides the answer to a call that was carried out, or the call never arrived."""
    return Fault(text_answer(502, _HTML, "text/html"), committed=committed, at_gateway=not committed)


def status(code: int, body: str = "", *, committed: bool = False) -> Fault:
    """This status and body from the API itself: the cache of idempotency keys keeps it."""
    return Fault(text_answer(code, body or "The API failed. Please try again later."), committed=committed)


def delayed_visibility(calls: int) -> Fault:
    """What is created is not found by the next so many lists and look-ups of its kind. It exists all the same."""
    return Fault(hidden_for=calls)


def throttle(problem: str = "minute", retry_after_s: int | None = 30) -> Fault:
    """429 although no limit was reached."""
    headers = {"X-Rate-Limit-Problem": problem, "Content-Type": "text/plain"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    return Fault(Answer(429, b"", headers), committed=False, at_gateway=True)


def offline_503() -> Fault:
    """The organisation is offline."""
    answer = text_answer(503, "The Xero API is currently offline for maintenance")
    return Fault(answer, committed=False, at_gateway=True)


@dataclass(slots=True)
class _Planned:
    path: str
    fault: Fault
    method: str
    left: int
    when: Callable[[str], bool]


class Faults:
    """The plan. Each call takes the first planned fault that fits it."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def next(self, path_pattern: str, fault: Fault, method: str = "*", times: int = 1) -> None:
        """Plan a fault for the next calls of a path.

        ``path_pattern`` is a shell pattern; ``*`` also matches slashes. Paths of the accounting API begin after ``api.xro/2.0``
        (``/Invoices``), others are whole (``/connections``, ``/connect/token``).
        """
        self._plan(_Planned(path_pattern, fault, method, times, lambda _: True))

    def when_body_has(self, text: str, path_pattern: str, fault: Fault, method: str = "*", times: int = 1) -> None:
        """As ``next``, for calls whose body has this text: one document among many."""
        self._plan(_Planned(path_pattern, fault, method, times, lambda body: text in body))

    def clear(self) -> None:
        """Plan nothing more."""
        with self._lock:
            self._planned.clear()

    @property
    def pending(self) -> int:
        """How many faults have not happened yet. A test whose fault never happened tested nothing."""
        return sum(planned.left for planned in self._planned)

    def take(self, method: str, path: str, body: bytes) -> Fault:
        """What is planned for this call."""
        text = body.decode("utf-8", "replace")
        with self._lock:
            for planned in self._planned:
                if planned.method in {"*", method} and fnmatchcase(path, planned.path) and planned.when(text):
                    planned.left -= 1
                    self._planned = [other for other in self._planned if other.left > 0]
                    return planned.fault
        return NO_FAULT

    def _plan(self, planned: _Planned) -> None:
        with self._lock:
            self._planned.append(planned)
