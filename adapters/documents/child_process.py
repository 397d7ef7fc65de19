"""Work that may hang or eat memory, done in child processes that can be killed. This is the parent's side.

A child reads requests from its standard input, which is a socket pair, and answers on it (see child_side.py). It ends by
itself when the parent is gone: at the end of its input, or when its own time limit strikes in the middle of a request. No
death signal is asked of the kernel: that one follows the thread that started the child, and a worker's threads come and go.
"""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue

from adapters.documents.frames import ANSWER, receive_frame, send_frame
from domain.errors import TemporaryFailure

# Such as the kernel that needs memory, or a person. It says nothing about the request, which is then tried once more.
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
_PASSED_ON = ("TMPDIR", "LD_LIBRARY_PATH")
_LAST_BREATH_S = 1.0
_CHECKOUT = Path(__file__).resolve().parents[2]


class ChildTimedOut(Exception):
    """No answer within the time; the child was killed."""


class ChildDied(Exception):
    """The child ended in the middle of a request. ``by_chance`` where it was told to from outside, and no limit struck."""

    def __init__(self, *, by_chance: bool) -> None:
        super().__init__()
        self.by_chance = by_chance


class ChildProcess:
    """One child that runs ``python -m module`` and answers one request at a time. Started at the first request."""

    def __init__(self, module: str, timeout_s: float) -> None:
        self._module = module
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._owner = 0

    def ask(self, request: bytes) -> bytes:
        """The answer to a request. Raises ChildTimedOut or ChildDied; the next request then starts a new child."""
        connection = self._connection()
        try:
            send_frame(connection, request)
            answer = receive_frame(connection)
        except TimeoutError:
            self.close()
            raise ChildTimedOut from None
        except OSError:
            answer = b""
        if not answer:
            raise ChildDied(by_chance=self._how_it_ended() in _FROM_OUTSIDE)
        if answer[:1] != ANSWER:
            raise RuntimeError(f"{self._module} failed:\n{answer[1:].decode()}")
        return answer[1:]

    def close(self) -> None:
        """End the child now. Nothing happens where there is none, or where it belongs to the process this one was forked from."""
        process, connection = self._process, self._socket
        self._process = self._socket = None
        if connection is not None:
            connection.close()
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()

    def _how_it_ended(self) -> int | None:
        process = self._process
        ended = None
        if process is not None:
            # Its end of the socket closes a moment before the kernel can say how the process ended.
            with suppress(subprocess.TimeoutExpired):
                ended = process.wait(_LAST_BREATH_S)
        self.close()
        return ended

    def _connection(self) -> socket.socket:
        if self._socket is None or self._owner != os.getpid() or self._process is None or self._process.poll() is not None:
            self.close()
            self._socket = self._start()
        return self._socket

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            # Hardly a variable of ours goes along: among them are the passwords of the fleet. A session of its own keeps an
            # interrupt from the keyboard away from it, so that the parent can finish what it has begun.
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                    [sys.executable, "-m", self._module],
                    cwd=_CHECKOUT,
                    env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise TemporaryFailure(f"No child process could be started: {error}") from error
        ours.settimeout(self._timeout_s)
        self._owner = os.getpid()
        return ours


class ChildPool:
    """A few children for many threads; the one used last is used first, so that an idle fleet keeps only one."""

    def __init__(self, module: str, timeout_s: float, size: int | None = None) -> None:
        self._children = [ChildProcess(module, timeout_s) for _ in range(size or min(4, os.cpu_count() or 1))]
        self._idle: LifoQueue[ChildProcess] = LifoQueue()
        for child in self._children:
            self._idle.put(child)

    def ask(self, request: bytes, *, retire_above_mib: int | None = None) -> bytes:
        """As ``ChildProcess.ask``, with the next free child.

        An answer starts with the child's memory in MiB (4 bytes); above ``retire_above_mib`` the child is replaced.
        """
        child = self._idle.get()
        try:
            answer = _ask_again_by_chance(child, request)
            if retire_above_mib is not None and int.from_bytes(answer[:4], "big") > retire_above_mib:
                child.close()
        finally:
            self._idle.put(child)
        return answer[4:]

    def close(self) -> None:
        """End all children. A later request would start one again."""
        for child in self._children:
            child.close()


def _ask_again_by_chance(child: ChildProcess, request: bytes) -> bytes:
    try:
        return child.ask(request)
    except ChildDied as death:
        if not death.by_chance:
            raise
        return child.ask(request)
