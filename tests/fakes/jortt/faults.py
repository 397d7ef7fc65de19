"""Faults on demand. Each is for the next request that matches, or the next few."""

import threading
from dataclasses import dataclass

from tests.fakes.jortt.errors import KEY_OF_STATUS, Refusal
from tests.fakes.jortt.http import DROPPED, Reply, Request

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
CREATING = "POST /v3/"


@dataclass(frozen=True, slots=True)
class Fault:
    """``on``: how "METHOD /path" starts · ``processed``: whether jortt does what is asked before · ``reply``: instead of its answer."""

    on: str
    processed: bool
    reply: Reply | None = None
    delay_s: float = 0


class Faults:
    """The plan, in the order it was made."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def create_then_drop(self, on: str = CREATING, times: int = 1) -> None:
        """Done, and the connection reset instead of an answer."""
        self._plan(Fault(on, processed=True, reply=DROPPED), times)

    def drop_before_create(self, on: str = CREATING, times: int = 1) -> None:
        """Nothing done, and the connection reset."""
        self._plan(Fault(on, processed=False, reply=DROPPED), times)

    def slow(self, seconds: float, on: str = "", times: int = 1) -> None:
        """Done at once, answered late, at the latest when the server closes."""
        self._plan(Fault(on, processed=True, delay_s=seconds), times)

    def html_502(self, on: str = "", times: int = 1, *, processed: bool = False) -> None:
        """A proxy's page, as recorded in front of jortt."""
        self._plan(Fault(on, processed, Reply(502, _HTML, {"Content-Type": "text/html"})), times)

    def status(self, status: int, on: str = "", times: int = 1, *, key: str = "", processed: bool = False) -> None:
        """An error of jortt's own, by default the usual key of that status."""
        self._plan(Fault(on, processed, Refusal(status, key or KEY_OF_STATUS[status]).reply()), times)

    @property
    def left(self) -> int:
        """How many were planned and have not happened."""
        return len(self._planned)

    def take(self, request: Request) -> Fault | None:
        """The first one that matches; it is used up."""
        with self._lock:
            line = f"{request.method} {request.path}"
            found = next((fault for fault in self._planned if line.startswith(fault.on)), None)
            if found is not None:
                self._planned.remove(found)
            return found

    def _plan(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._planned += [fault] * times
