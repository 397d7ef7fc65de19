"""A fleet of real processes: `billhook intake`, `worker` and `scheduler`, with their logs in files."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BILLHOOK = Path(sys.executable).parent / "billhook"


class Fleet:
    """Starts, kills and asks the processes of one installation; each runs in the folder given.

    ``command`` is what is typed to ask it; the roles are always started with `billhook` itself.
    """

    def __init__(self, folder: Path, settings: dict[str, str], command: Path = BILLHOOK) -> None:
        self.folder = folder
        self._command = command
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")} | settings
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, role: str, *arguments: str) -> subprocess.Popen[bytes]:
        """One more process of a role."""
        with (self.folder / f"{role}-{len(self._started)}.log").open("wb") as log:
            process = subprocess.Popen([BILLHOOK, role, *arguments], cwd=self.folder, env=self._environment, stdout=log, stderr=log)
        self._started.append(process)
        return process

    def run(self, *arguments: str, expect: int = 0) -> str:
        """A command to its end; returns what it prints on stdout."""
        done = subprocess.run(
            [self._command, *arguments], cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert expect == done.returncode, f"billhook {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def type(self, line: str) -> str:
        """A line as a person types it in a shell that has `billhook` in its path; returns all it prints. It must not fail."""
        path = os.pathsep.join((str(self._command.parent), self._environment["PATH"]))
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self._environment | {"PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {line}\nended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def ask(self, *arguments: str, expect: int = 0) -> Any:
        """The JSON answer of a reading command."""
        return json.loads(self.run(*arguments, "--json", expect=expect))

    def ask_all(self, *arguments: str, key: str) -> list[dict[str, Any]]:
        """Every page of a list."""
        rows: list[dict[str, Any]] = []
        after: list[str] = []
        while True:
            page = self.ask(*arguments, "--limit", "1000", *after)
            rows += page[key]
            if not page.get("next"):
                return rows
            after = ["--after", str(page["next"])]

    def stop_all(self) -> list[int]:
        """SIGTERM to all, and their exit codes."""
        running = [process for process in self._started if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in running]

    def logs(self) -> str:
        """The ends of all logs, for a failing test to show."""
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in sorted(self.folder.glob("*.log")))


@contextlib.contextmanager
def fleet_in(folder: Path, settings: dict[str, str], command: Path = BILLHOOK) -> Iterator[Fleet]:
    """A fleet that is gone at the end, however the test ends."""
    fleet = Fleet(folder, settings, command)
    try:
        yield fleet
    finally:
        for process in fleet._started:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_until(holds: Callable[[], bool], timeout_s: float, what: str, diagnose: Callable[[], str] = str) -> None:
    """Ask again and again, and fail with a sentence when the time is over."""
    ends_at = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends_at, f"waited {timeout_s:.0f} s in vain until {what}\n{diagnose()}"
        time.sleep(0.2)
