"""A mail server in a process of its own that takes every mail and keeps none."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink


@contextmanager
def mail_sink() -> Iterator[str]:
    """Its URL."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"smtp://127.0.0.1:{ours.recv()}"
    finally:
        ours.send("stop")
        process.join()


def _serve(parent: Connection) -> None:
    controller = Controller(Sink(), hostname="127.0.0.1", port=0)
    controller.start()
    parent.send(controller.server.sockets[0].getsockname()[1])
    parent.recv()
    controller.stop()
