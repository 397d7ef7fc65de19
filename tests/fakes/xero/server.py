"""The HTTP side: one port of this machine, a thread for each connection, answers as they were decided elsewhere."""

import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.xero.wire import Answer, Call

# None: reset the connection.
Act = Callable[[Call], Answer | None]


class Server:
    """Serves from construction until closed."""

    def __init__(self, act: Act) -> None:
        self._server = _Listening(("127.0.0.1", 0), _handler(act))
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-xero", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    # A connection that a client keeps open must not hold up the end of the test.
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the plan."""


def _call(method: str, target: str, headers: dict[str, str], body: bytes) -> Call:
    split = urlsplit(target)
    return Call(method, split.path, dict(parse_qsl(split.query, keep_blank_values=True)), headers, body)


def _handler(act: Act) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_request(self) -> None:
            size = int(self.headers["Content-Length"] or 0)
            body = self.rfile.read(size)
            if len(body) < size:
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(act(_call(self.command, self.path, headers, body)))

        do_GET = do_PUT = do_POST = do_DELETE = handle_request  # noqa: N815 - the names the library calls

        def _answer(self, answer: Answer | None) -> None:
            if answer is None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
