"""Other work for a thread while it waits for PostgreSQL.

The intake reads the next messages in the time that the database needs for those before. A second thread would do that too, but two
busy threads take Python's lock from each other, and on two cores what is in the caches, too (docs/explanation/speed.md).
"""

import contextlib
import select
from collections.abc import Callable, Generator, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.waiting import Ready, Wait

Result = TypeVar("Result")
Work = Callable[[int, int], object]

_EVENTS = {Wait.R: select.POLLIN, Wait.W: select.POLLOUT, Wait.RW: select.POLLIN | select.POLLOUT}
_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextlib.contextmanager
def while_waiting(work: Work) -> Iterator[None]:
    """In this thread, ``work`` is called whenever PostgreSQL is waited for, with the file descriptor and the events (of ``select.poll``).

    It returns as soon as one of them has come, or earlier; after a tenth of a second without any it is called again. It must neither
    raise, which would leave a statement half done, nor use the database. SQLite answers at once: there it is never called.
    """
    token = _work.set(work)
    try:
        yield
    finally:
        _work.reset(token)


class WorkingConnection(psycopg.Connection[Any]):
    """A connection that knows ``while_waiting``."""

    def wait(self, gen: Generator[Wait, Ready | int, Result], *arguments: Any, **options: Any) -> Result:
        work = _work.get()
        return super().wait(gen if work is None else _working(gen, self.pgconn.socket, work), *arguments, **options)


def _working(gen: Generator[Wait, Ready | int, Result], descriptor: int, work: Work) -> Generator[Wait, Ready | int, Result]:
    try:
        state = next(gen)
        while True:
            work(descriptor, _EVENTS[state])
            state = gen.send((yield state))
    except StopIteration as done:
        result: Result = done.value
        return result
