"""A mail server in a process of its own that takes every mail and keeps none."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from tests.services.process import free_port


@contextmanager
def mail_sink() -> Iterator[str]:
    """Its URL."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    # Else its end would stay open here, and the death of the process would never be told.
    theirs.close()
    try:
        yield f"smtp://127.0.0.1:{ours.recv()}"
    finally:
        ours.send("stop")
        process.join()


def _serve(parent: Connection) -> None:
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    parent.send(controller.port)
    parent.recv()
    controller.stop()
