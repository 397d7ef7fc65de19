"""The intake as a process of its own, for tests that kill it: `python -m tests.integration.messaging.intake_process URL FILE MODE`.

Its database is FILE: one line of JSON for each accepted message, written and synced before `accept` returns. MODE:
plain; die_after_commit (SIGKILL before the first acknowledgement); die_of_poison (SIGKILL where a body is b"poison", before
the commit); wait_in_batch (the first batch waits until FILE.go exists; FILE.began tells that it waits).
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.messaging.intake_consumer import IntakeConsumer
from application.ports.quarantine import IncomingMessage
from tests.integration.messaging.support import RecordingTelemetry


class FileStore:
    """Accepts into a file."""

    def __init__(self, path: Path, mode: str) -> None:
        self._path = path
        self._mode = mode
        self._batches = 0
        self._started_with = peak_rss()

    def __call__(self, batch: Sequence[IncomingMessage]) -> None:
        self._batches += 1
        if self._mode == "die_of_poison" and any(message.body == b"poison" for message in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        if self._mode == "wait_in_batch" and self._batches == 1:
            self._path.with_suffix(".began").touch()
            while not self._path.with_suffix(".go").exists():
                time.sleep(0.01)
        self._commit(batch)
        if self._mode == "die_after_commit":
            os.kill(os.getpid(), signal.SIGKILL)

    def _commit(self, batch: Sequence[IncomingMessage]) -> None:
        grown = peak_rss() - self._started_with
        with self._path.open("a") as file:
            for message in batch:
                row = {"start": message.body[:40].decode(), "kept": len(message.body), "size": message.size, "sha256": message.sha256}
                file.write(json.dumps({**row, "grown": grown}) + "\n")
            file.flush()
            os.fsync(file.fileno())


def peak_rss() -> int:
    """Bytes, the highest so far. Not from getrusage, which begins with the peak of the process that started this one."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(url: str, file: str, mode: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    IntakeConsumer(url, FileStore(Path(file), mode), RecordingTelemetry(), batch_size=50).run(stop, until_idle=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
