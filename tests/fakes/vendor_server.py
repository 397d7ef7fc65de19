"""What the fake vendors have in common: JSON over HTTP on a private port, a log of calls, faults on demand, a clock that may be set."""

import json
import socket
import struct
import threading
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

_JSON = "application/json"


class Clock(Protocol):
    """The application's port ``Clock``."""

    def now(self) -> datetime: ...


class RealClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body came whole. ``path`` is as sent, percent-encoded and without the query."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Message
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Message, body: bytes) -> Self:
        parts = urlsplit(target)
        return cls(method, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)), headers, body)

    @property
    def segments(self) -> list[str]:
        """The decoded parts of the path; a slash at the end is no part."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    def header(self, name: str) -> str:
        """The header's value, else empty."""
        return str(self.headers.get(name) or "")

    def json(self) -> Any:
        """The document; ValueError where the body is none."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The first value of each field of a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; headers beside type and length."""

    status: int = 200
    body: bytes = b""
    content_type: str = _JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, document: Any, status: int = 200, **headers: str) -> Self:
        body = b"" if document is None else json.dumps(document).encode()
        return cls(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request: whether the vendor does its work, and what the caller sees of it."""

    method: str
    path: str
    processed: bool
    drop: bool = False
    slow_seconds: float = 0
    reply: Reply | None = None

    def hits(self, request: Request) -> bool:
        """Both are patterns as of file names: ``*`` hits all."""
        return fnmatchcase(request.method, self.method) and fnmatchcase(request.path.rstrip("/"), self.path)


class FaultPlan:
    """Faults on demand. Each hits the next request of its method and path, once for each of ``times``; the oldest goes first."""

    def __init__(self, error_reply: Callable[[int], Reply]) -> None:
        self.pending: list[Fault] = []
        self.hidden_lists = 0
        self._error_reply = error_reply

    def create_then_drop(self, path: str = "*", method: str = "POST", times: int = 1) -> None:
        """The vendor does the work, and the caller sees a reset connection."""
        self._plan(Fault(method, path, processed=True, drop=True), times)

    def drop_before_create(self, path: str = "*", method: str = "POST", times: int = 1) -> None:
        """Nothing is done, and the caller sees the same reset connection."""
        self._plan(Fault(method, path, processed=False, drop=True), times)

    def slow(self, seconds: float, path: str = "*", method: str = "*", times: int = 1) -> None:
        """The work is done at once and answered late; never later than the server's end."""
        self._plan(Fault(method, path, processed=True, slow_seconds=seconds), times)

    def html_502(self, path: str = "*", method: str = "*", times: int = 1, *, processed: bool = False) -> None:
        """A page of the vendor's gateway instead of an answer."""
        page = Reply(502, b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>", "text/html")
        self._plan(Fault(method, path, processed, reply=page), times)

    def status(self, status: int, path: str = "*", method: str = "*", times: int = 1, *, processed: bool = False) -> None:
        """The vendor's error document with that status, before or (``processed``) after the work was done."""
        self._plan(Fault(method, path, processed, reply=self._error_reply(status)), times)

    def answer(self, reply: Reply, path: str = "*", method: str = "*", times: int = 1, *, processed: bool = False) -> None:
        """Any other answer."""
        self._plan(Fault(method, path, processed, reply=reply), times)

    def delayed_visibility(self, lists: int = 1) -> None:
        """What is created next is missing from so many of the lists that would show it."""
        self.hidden_lists = lists

    def take_hidden_lists(self) -> int:
        """For the vendor: how many lists the thing just created is missing from."""
        hidden, self.hidden_lists = self.hidden_lists, 0
        return hidden

    def take(self, request: Request) -> Fault | None:
        """The fault of this request, used up."""
        fault = next((fault for fault in self.pending if fault.hits(request)), None)
        if fault is not None:
            self.pending.remove(fault)
        return fault

    def _plan(self, fault: Fault, times: int) -> None:
        self.pending.extend([fault] * times)


class CallLog(Counter[tuple[str, str]]):
    """How often each method and path was asked for: ``calls["POST", "/3/invoices"]``."""

    def matching(self, method: str, path: str) -> int:
        """As above, with patterns as of file names."""
        return sum(times for (had, at), times in self.items() if fnmatchcase(had, method) and fnmatchcase(at, path))


class VendorServer(ABC):
    """Serves on a port of 127.0.0.1 while its ``with`` block runs. One request at a time changes what the vendor keeps.

    ``requests`` and ``calls`` have everything that came in whole, ``refused_calls`` the number that a limit turned away, ``crashes``
    the faults of the fake itself and ``contract_violations`` what either side said against the vendor's contract.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or RealClock()
        self.faults = FaultPlan(self.error_reply)
        self.requests: list[Request] = []
        self.calls = CallLog()
        self.refused_calls = 0
        self.crashes: list[str] = []
        self.contract_violations: list[str] = []
        self.closed = threading.Event()
        self.lock = threading.RLock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Do what is asked and say what the vendor would."""

    @abstractmethod
    def error_reply(self, status: int) -> Reply:
        """The vendor's own document for a failure of its own with that status."""

    def take(self, request: Request) -> tuple[Reply, Fault | None]:
        """Log the request, do the work unless a fault prevents it, and tell both the answer and the fault."""
        with self.lock:
            self.requests.append(request)
            self.calls[request.method, request.path.rstrip("/")] += 1
            fault = self.faults.take(request)
            if fault is not None and not fault.processed:
                return fault.reply or Reply(), fault
            try:
                reply = self.answer(request)
            except Exception:  # noqa: BLE001 - a bug in the fake must be told apart from a failure that a test planned
                self.crashes.append(traceback.format_exc())
                reply = Reply(500, b"the fake crashed", "text/plain")
            return (fault.reply if fault and fault.reply else reply), fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A connection that a fault leaves half open must not hold up the end of the test.
    block_on_close = False
    # A fleet of test threads connects at once.
    request_queue_size = 128

    def __init__(self, vendor: VendorServer) -> None:
        super().__init__(("127.0.0.1", 0), _handler(vendor))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the plan."""


def _handler(vendor: VendorServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_request(self) -> None:
            size = int(self.headers["Content-Length"] or 0)
            body = self.rfile.read(size)
            if len(body) < size:
                self.close_connection = True
                return
            reply, fault = vendor.take(Request.of(self.command, self.path, self.headers, body))
            if fault is not None and fault.slow_seconds:
                vendor.closed.wait(fault.slow_seconds)
            if fault is not None and fault.drop:
                self._reset()
            else:
                self._answer(reply)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815 - the names the library calls

        def _answer(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
