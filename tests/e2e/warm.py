"""`billhook` without its second of start-up: each command is a process of its own, forked from one that has loaded the program.

For tests that type many commands. What runs is the program's own `main` with the caller's arguments, folder, environment and files;
only the interpreter's start and the imports are saved. The roles of a fleet, which last, are started as in real life.
"""

import atexit
import contextlib
import fcntl
import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).parents[2]
_STARTS_S = 120
# What commands load only when they need it.
_LOADED = (
    "adapters.accounting.xero.opening",
    "adapters.handoff.destination",
    "adapters.messaging.quorum_broker",
    "adapters.messaging.task_queue",
    "adapters.messaging.topology",
    "adapters.outbound.sessions",
    "adapters.persistence.schema",
    "entrypoints.cli.main",
    "entrypoints.configuration.reader",
    "entrypoints.configuration.writer",
    "entrypoints.container",
    "entrypoints.doctor",
    "sqlalchemy.dialects.postgresql.psycopg",
)
_CLIENT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    socket.send_fds(asked, [b"-"], [0, 1, 2])
    asked.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    asked.shutdown(socket.SHUT_WR)
    code = asked.recv(16)
os._exit(int(code or b"70"))
"""


@contextlib.contextmanager
def warm_billhook() -> Iterator[Path]:
    """A command to run in place of `billhook`, as long as the block lasts."""
    with TemporaryDirectory(prefix="warm-") as folder:
        address, command = Path(folder) / "socket", Path(folder) / "billhook"
        command.write_text(_CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
        command.chmod(0o755)
        # Its end of the pipe tells the server when nobody needs it any more, however the tests end.
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.warm", str(address)], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        try:
            ends_at = time.monotonic() + _STARTS_S
            while not address.exists():
                assert server.poll() is None, "the program cannot be loaded"
                assert time.monotonic() < ends_at, "the program was not loaded in time"
                time.sleep(0.05)
            yield command
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(30)


@functools.cache
def shared_billhook() -> Path:
    """One for the whole test run; it ends with it."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(warm_billhook())


def _serve(address: str) -> None:
    """Until the standard input is closed."""
    for name in _LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen(64)
        Path(f"{address}.new").rename(address)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(asked)
            asked.close()


def _answer(asked: socket.socket) -> None:
    """Be the command, and tell the exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(asked, 1, 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    if os.isatty(0):
        _sit_down()
    arguments, folder, environment = json.loads(b"".join(iter(lambda: asked.recv(65536), b"")))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["billhook", *arguments]
    code = _run()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    asked.sendall(str(code).encode())
    os._exit(code)


def _sit_down() -> None:
    """At the terminal that came, so that its Ctrl-C is ours; a test run in the background would hand down that it is ignored."""
    os.setsid()
    with contextlib.suppress(OSError):  # it is that of the test run itself
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _run() -> int:
    from entrypoints.cli.main import main  # noqa: PLC0415 - only the server needs it

    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1])
