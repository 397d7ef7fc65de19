"""The HTTP side: requests in, replies out, on a port of 127.0.0.1."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body came whole. Header names are in lower case; a repeated query parameter counts once, the last."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``dropped`` resets the connection instead."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    dropped: bool = False

    @property
    def json(self) -> Any:
        """The body as a JSON document."""
        return json.loads(self.body)


DROPPED = Reply(0, dropped=True)


def json_reply(status: int, document: Any) -> Reply:
    """A reply with a JSON document."""
    return Reply(status, json.dumps(document).encode())


class VendorServer(ThreadingHTTPServer):
    """Serves ``answer`` until it is closed. Each connection has a thread of its own."""

    daemon_threads = True
    # A connection that a fault leaves half open must not hold up the end of a test.
    block_on_close = False
    # How many connections may wait to be accepted: the usual 5 is too few for a fleet that starts at once.
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _handler(answer))
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        """Serve no longer."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the plan."""


def _handler(answer: Callable[[Request], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_request(self) -> None:
            size = int(self.headers["Content-Length"] or 0)
            body = self.rfile.read(size)
            if len(body) < size:
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(answer(Request(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815 - the names the library calls

        def _send(self, reply: Reply) -> None:
            if reply.dropped:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
