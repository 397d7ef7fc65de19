"""Health of a role: whether it is alive, whether it is ready, and whether all around it is in order.

``/live``      its parts still beat: if not, restart it
``/ready``     the database answers with the schema this program was written for, and the broker where there is one
``/complete``  everything `billhook doctor` looks at

Each answers 200 or 503 with one JSON document of checks. The server is there where BILLHOOK_HEALTH_ADDRESS is set.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from application.ports.destination import CheckResult
from domain.errors import DomainError, TemporaryFailure

# Longer than the longest pause of any part, and than the longest single call that is still healthy.
STALLED_AFTER_S = 300.0
# Probes come from several sides: what was found is good for so long.
_KEPT_S = 2.0
_TIMEOUT_S = 10.0

Checks = Callable[[], Iterable[CheckResult]]


class Pulse:
    """When each part of a process last said that it goes on."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._beats: dict[str, float] = {}

    def of(self, part: str) -> Callable[[], None]:
        """What a part calls at each turn; it counts as started now."""

        def beat() -> None:
            self._beats[part] = self._now()

        beat()
        return beat

    def checks(self) -> Sequence[CheckResult]:
        """One line a part."""
        now = self._now()
        return [self._check(part, now - at) for part, at in sorted(self._beats.items())]

    def _check(self, part: str, age_s: float) -> CheckResult:
        if age_s <= STALLED_AFTER_S:
            return CheckResult(part, ok=True, detail=f"it went on {age_s:.0f} s ago")
        return CheckResult(part, ok=False, detail=f"it has not gone on for {age_s:.0f} s", next_step="Restart it; nothing is lost.")


@contextmanager
def serving(address: str, by_path: Mapping[str, Checks]) -> Iterator[str]:
    """Answer at ``HOST:PORT`` until the end; yields the address with the port that was taken. Raises DomainError("address_taken")."""
    host, _, port = address.rpartition(":")
    answers = {path: _kept(checks) for path, checks in by_path.items()}
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), _handler(answers))
    except OSError as error:
        raise DomainError("address_taken", f"{address}: {error.strerror or error}", "Correct BILLHOOK_HEALTH_ADDRESS.") from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="health", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def findings(checks: Checks) -> list[CheckResult]:
    """What the checks say; one that cannot be made is a finding, too."""
    found: list[CheckResult] = []
    try:
        found.extend(checks())
    except TemporaryFailure as failure:
        found.append(CheckResult("check", ok=False, detail=failure.text, next_step="billhook doctor"))
    except DomainError as refusal:
        found.append(CheckResult("check", ok=False, detail=refusal.text, next_step=refusal.next_step))
    return found


def _kept(checks: Checks) -> Callable[[], list[CheckResult]]:
    """The findings, made again after a while; who asks meanwhile gets the last ones."""
    lock = threading.Lock()
    last: list[tuple[float, list[CheckResult]]] = []

    def answer() -> list[CheckResult]:
        with lock:
            if not last or time.monotonic() - last[0][0] > _KEPT_S:
                last[:] = [(time.monotonic(), findings(checks))]
            return last[0][1]

    return answer


def _handler(answers: Mapping[str, Callable[[], list[CheckResult]]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _TIMEOUT_S

        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0])
            found = answer() if answer else []
            is_ok = all(check.ok for check in found)
            self._send(
                404 if answer is None else 200 if is_ok else 503, {"ok": is_ok and answer is not None, "checks": list(map(asdict, found))}
            )

        def _send(self, status: int, document: Mapping[str, object]) -> None:
            body = json.dumps(document, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every few seconds is no news."""

    return Handler
