"""Waits on this machine for the browser that a vendor sends back after consent."""

import hmac
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

_PAGE = "<!doctype html><meta charset=utf-8><title>Billhook</title><p>{}</p>"
_DONE = "Billhook has the answer. Go back to the terminal; this page may be closed."
_ANOTHER = "This is the answer to another consent. Billhook waits on for the one it asked for."


class NoListener(Exception):
    """Nothing can listen for that address here."""


class _Listener(ThreadingHTTPServer):
    """A thread for each connection: browsers open some ahead, and say nothing there."""

    # One that did not end well may have left the port in use for a minute.
    allow_reuse_address = True

    def __init__(self, port: int, path: str, state: str) -> None:
        super().__init__(("127.0.0.1", port), _Page)
        self.path = path
        self.state = state
        self.found = ""


class _Page(BaseHTTPRequestHandler):
    server: _Listener
    timeout = 5

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != self.server.path:
            self.send_error(404)
            return
        state = parse_qs(parts.query).get("state", [""])[0]
        ours = hmac.compare_digest(state.encode(), self.server.state.encode())
        page = _PAGE.format(_DONE if ours else _ANOTHER).encode()
        self.send_response(200 if ours else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)
        if ours:
            # Last: the command may end as soon as it is there.
            self.server.found = self.path

    def log_message(self, *_: object) -> None:
        """The address holds the code: it is written nowhere."""


class Loopback:
    """Listens at ``http://localhost:PORT/…`` while its ``with`` block runs. Raises NoListener for any other address, or a port in use."""

    def __init__(self, redirect_uri: str, state: str) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in {"localhost", "127.0.0.1"} or not parts.port:
            raise NoListener(redirect_uri)
        try:
            self._listener = _Listener(parts.port, parts.path or "/", state)
        except OSError as error:
            raise NoListener(f"{redirect_uri}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.server_close()

    def wait(self, seconds: float) -> str:
        """The address the browser came with; empty where none came in time."""
        ends_at = time.monotonic() + seconds
        while not self._listener.found and time.monotonic() < ends_at:
            self._listener.timeout = min(0.1, seconds)
            self._listener.handle_request()
        return self._listener.found
