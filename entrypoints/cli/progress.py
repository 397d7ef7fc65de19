"""Progress of long work, on stderr: a bar on a terminal, now and then a plain line where the output is piped."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LINE_EVERY_S = 5.0


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yields what to call with the count done so far."""
    with _bar(label, total) if sys.stderr.isatty() else _lines(label, total) as report:
        yield report


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console  # noqa: PLC0415 - only terminals need it, and it takes a while to load
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def _lines(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    last = started = time.monotonic()

    def report(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LINE_EVERY_S:
            last = now
            of = f" of {total}" if total is not None else ""
            sys.stderr.write(f"{label}: {done}{of}, {done / (now - started):.0f} a second\n")

    yield report
