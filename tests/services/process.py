"""A private server process: its port, its folder, its unprivileged user, and its certain end."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

# Ends with the process that holds the other end of its standard input, however that process ended: a killed test run leaves
# no server behind. It then kills every process group noted in the folder and removes the folder.
_GUARD = """
read -r _
for file in "$1"/*.pgid; do [ -f "$file" ] && kill -s KILL -- "-$(cat "$file")" 2>/dev/null; done
for attempt in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done
"""


class ServiceError(RuntimeError):
    """A server cannot be provided or did not do what it was told; the text says why, and what to do."""


def free_port() -> int:
    """A free port below the range of outgoing connections.

    A port inside that range may be taken, between a kill and a restart, by some client's outgoing connection; a client that keeps
    connecting to the dead server may even hit it itself, and TCP then connects it to itself.
    """
    try:
        outgoing_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        outgoing_from = 32768
    for _ in range(200):
        port = random.randrange(10_000, max(outgoing_from, 11_000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    message = "No free port was found on 127.0.0.1 in 200 tries."
    raise ServiceError(message)


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = 60, every_s: float = 0.05) -> None:
    """Returns when the condition holds; exceptions count as "not yet". Raises ServiceError with the last one after the timeout."""
    deadline = time.monotonic() + timeout_s
    last: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except ServiceError:
            raise
        except Exception as error:  # noqa: BLE001 - a server that is starting answers in many ways
            last = error
        time.sleep(every_s)
    message = f"Waited {timeout_s:g} s for {what}. Last answer: {last!r}"
    raise ServiceError(message)


def service_user(*preferred: str) -> str | None:
    """The first of these users that exists, else `nobody`; None where we are not root and run servers as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in (*preferred, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    message = f"PostgreSQL and RabbitMQ do not run as root, and none of the users {', '.join(preferred)}, nobody exists."
    raise ServiceError(message)


class PrivateFolder:
    """A folder that belongs to one server, removed together with its processes even when this process is killed."""

    def __init__(self, name: str, user: str | None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"billhook-{name}-"))
        self.user = user
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.give_to_user(self.path)

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        """A file owned by the server's user."""
        path = self.path / name
        path.write_text(text)
        path.chmod(mode)
        self.give_to_user(path)
        return path

    def make(self, name: str) -> Path:
        """A folder owned by the server's user."""
        path = self.path / name
        path.mkdir(mode=0o700)
        self.give_to_user(path)
        return path

    def give_to_user(self, path: Path) -> None:
        """Only root can, and only root needs to."""
        if self.user is not None:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def run(self, argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> str:
        """Runs a command as the server's user and returns its output; ServiceError with that output where it fails."""
        done = subprocess.run(
            [str(word) for word in argv],
            env=dict(env) if env is not None else None,
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.identity(),
        )
        if done.returncode != 0:
            message = f"{argv[0]} failed ({done.returncode}):\n{done.stdout}"
            raise ServiceError(message)
        return done.stdout

    def identity(self) -> dict[str, object]:
        """The words for subprocess that run a command as the server's user."""
        if self.user is None:
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def remove(self) -> None:
        """Kills what still runs and removes the folder."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.close()
            self._guard.wait(timeout=300)  # hundreds of databases are many files


class ServerProcess:
    """One process of a server, in its own group, run as the folder's user. Its output goes to NAME.log in the folder."""

    def __init__(self, folder: PrivateFolder, name: str, argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._name = name
        self._argv = [str(word) for word in argv]
        self._env = dict(env) if env is not None else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process, for tests that send signals of their own."""
        return self._process.pid if self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether the process that was started last is still there."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what the process printed."""
        with contextlib.suppress(OSError):
            return (self._folder.path / f"{self._name}.log").read_text(errors="replace")[-4000:]
        return ""

    def start(self) -> Self:
        """Starts the process; that it answers is for the caller to wait for."""
        with (self._folder.path / f"{self._name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._argv,
                env=self._env,
                cwd=self._folder.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._folder.identity(),
            )
        self._note.write_text(str(self._process.pid))
        return self

    def answers(self, probe: Callable[[], object], timeout_s: float = 90) -> None:
        """Waits until the probe succeeds; ServiceError with the log as soon as the process is gone."""

        def alive_and_answering() -> object:
            if not self.is_running:
                message = f"{self._name} ended while it was starting. Its output:\n{self.log}"
                raise ServiceError(message)
            return probe()

        try:
            wait_until(alive_and_answering, f"{self._name} to answer", timeout_s)
        except ServiceError as error:
            error.add_note(self.log)
            raise

    def stop(self, with_signal: signal.Signals = signal.SIGTERM, timeout_s: float = 60) -> None:
        """Asks the process to end, and waits; kill -9 where it does not."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(with_signal)
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """Kill -9 for the process and everything it started, and waits until all of it is gone."""
        if self._process is None:
            return
        family = [self._process.pid, *_descendants(self._process.pid)]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in family[1:]:  # PostgreSQL's backends lead groups of their own
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not any(_exists(pid) for pid in family), f"the processes of {self._name} to end", timeout_s=20, every_s=0.01)
        self._forget()

    @property
    def _note(self) -> Path:
        return self._folder.path / f"{self._name}.pgid"

    def _forget(self) -> None:
        """The number may soon be another process's, so the guard must not find it."""
        self._note.unlink(missing_ok=True)


def _descendants(pid: int) -> list[int]:
    table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in table.splitlines():
        child, parent = (int(word) for word in line.split())
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _exists(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"  # a zombie waits for its parent only, and holds nothing any more
