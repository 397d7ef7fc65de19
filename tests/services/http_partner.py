"""A trade partner's endpoint over HTTP: it keeps what it is sent and answers by plan."""

import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """A request whose body came whole."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Planned:
    """What to do with one request.

    ``processed``: whether the document is kept. ``drop`` resets the connection instead of answering. ``held``: the answer waits
    until the partner is closed. ``cut_after`` closes after so many bytes of the body although more were announced.
    """

    status: int = 201
    body: bytes = b'{"data":{"id":"remote-1"}}'
    headers: Mapping[str, str] = field(default_factory=dict)
    processed: bool = True
    drop: bool = False
    held: bool = False
    cut_after: int | None = None


class HttpPartner:
    """Serves on a port of 127.0.0.1 until closed. Answers by plan, else takes a POST with 201 and an id for the document.

    ``connections`` and ``ended`` count those that were opened and closed.
    A repeated ``Idempotency-Key`` is answered as before and kept once. GET /orders/REF finds what was kept under that reference.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.plan: deque[Planned] = deque()
        self.received: list[Received] = []
        self.documents: dict[str, bytes] = {}
        self.connections = 0
        self.ended = 0
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "http" if tls is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/orders", host: str = "127.0.0.1") -> str:
        """Its address."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def next_answers(self, *planned: Planned) -> None:
        """Plan the answers to the next requests."""
        self.plan.extend(planned)

    def take(self, request: Received) -> Planned:
        """What to answer, and keep the document where that is the plan."""
        with self._lock:
            self.received.append(request)
            planned = self.plan.popleft() if self.plan else self._usual(request)
            if planned.processed and request.method in {"POST", "PUT", "PATCH"}:
                self.documents.setdefault(reference_of(request), request.body)
            return planned

    def _usual(self, request: Received) -> Planned:
        if request.method == "OPTIONS":
            return Planned(204, b"")
        if request.method == "GET":
            kept = request.path.rpartition("/")[2] in self.documents
            return Planned(200) if kept else Planned(404, b'{"errors":[{"title":"Not found"}]}')
        return Planned(201, json.dumps({"data": {"id": f"remote-{reference_of(request)}"}}).encode())


def reference_of(request: Received) -> str:
    """The partner's key of a document: the idempotency key, else the reference in the body, else its place in the row."""
    key = request.headers["Idempotency-Key"]
    if key:
        return str(key)
    try:
        document: Any = json.loads(request.body)
        return str(document.get("ref") or document["data"]["attributes"]["vendor-po"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "unnamed"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A connection that a fault leaves half open must not hold up the end of the test.
    block_on_close = False

    def __init__(self, partner: HttpPartner) -> None:
        self._partner = partner
        super().__init__(("127.0.0.1", 0), _handler(partner))

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._partner.ended += 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the plan."""


def _handler(partner: HttpPartner) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            partner.connections += 1
            super().setup()

        def handle_request(self) -> None:
            size = int(self.headers["Content-Length"] or 0)
            body = self.rfile.read(size)
            if len(body) < size:
                self.close_connection = True
                return
            self._answer(partner.take(Received(self.command, self.path, self.headers, body)))

        do_POST = do_PUT = do_PATCH = do_GET = do_OPTIONS = handle_request  # noqa: N815 - the names the library calls

        def _answer(self, planned: Planned) -> None:
            if planned.held:
                partner.closed.wait()
            if planned.drop or planned.held:
                self._reset()
                return
            self.send_response(planned.status)
            self.send_header("Content-Length", str(len(planned.body)))
            for name, value in {"Content-Type": "application/json", **planned.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(planned.body[: planned.cut_after])
            self.close_connection = planned.cut_after is not None

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
