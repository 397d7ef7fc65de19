"""The memory of a worker that issues and mails many invoices: it must not grow."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from tests.benchmarks import stage
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.mail_sink import mail_sink
from tests.benchmarks.memory import Sample, sample
from tests.benchmarks.orders import order_body
from tests.benchmarks.progress import say
from tests.services.postgres import PostgresServer

GOAL_MB = 40.0
_COMPANIES = ("501", "502", "503", "504")
_SLICE = 1000
_EVERY_S = 0.5
# Of the invoices, until every thread has worked and every child has had its long and its short documents.
_WARM_UP, _WARM_UP_LEAST = 0.1, 500
_PATIENCE_S = 120.0


def measure(postgres: PostgresServer, count: int) -> Figure:
    """The highest memory after the warm-up, beside the highest in the second half of the warm-up."""
    template = postgres.template("worker", lambda url: stage.prepare(url, *_COMPANIES))
    with stage.fresh_copy(postgres, template) as url, mail_sink() as smtp_url, _worker(url, smtp_url) as worker:
        began = time.monotonic()
        samples = list(_watch(url, worker, count))
        seconds = time.monotonic() - began
    return _figure(samples, count, seconds)


def _figure(samples: list[tuple[int, Sample]], count: int, seconds: float) -> Figure:
    warm = max(count * _WARM_UP, _WARM_UP_LEAST)
    before = [memory for done, memory in samples if warm / 2 <= done <= warm] or [samples[0][1]]
    after = [memory for done, memory in samples if done > warm]
    level, peak = max(memory.total for memory in before), max(memory.total for memory in after)
    last = after[-max(1, len(after) // 10) :]
    return Figure(
        what="memory of a worker that issues and mails",
        unit="MB",
        value=round(peak, 1),
        floor_is="the highest in the second half of the warm-up, the first tenth of the invoices, at least 500",
        floor=round(level, 1),
        ratio=round(peak / level, 3),
        goal=GOAL_MB,
        goal_is=Goal.GROWTH_AT_MOST,
        facts={
            "invoices": count,
            "threads": len(_COMPANIES),
            "seconds": round(seconds),
            "invoices_per_second": round(count / seconds, 1),
            "worker_peak_mb_in_warm_up": round(max(memory.parent for memory in before), 1),
            "worker_peak_mb_after": round(max(memory.parent for memory in after), 1),
            "children_peak_mb_in_warm_up": round(max(memory.children for memory in before), 1),
            "children_peak_mb_after": round(max(memory.children for memory in after), 1),
            "median_mb_at_the_end": round(median(memory.total for memory in last), 1),
        },
    )


@contextmanager
def _worker(database_url: str, smtp_url: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "BILLHOOK_DATABASE_URL": database_url,
        "BILLHOOK_SMTP_URL": smtp_url,
        "BILLHOOK_SECRET_KEY": stage.SECRET_KEY,
        "BILLHOOK_LOG_LEVEL": "warning",
        "BILLHOOK_WORKER_THREADS": str(len(_COMPANIES)),
    }
    command = [sys.executable, "-c", "from entrypoints.cli.main import main; main()", "worker"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    process = subprocess.Popen(command, env={**kept, **settings})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _watch(url: str, worker: subprocess.Popen[bytes], count: int) -> Iterator[tuple[int, Sample]]:
    """Give it a slice of orders whenever it has mailed most of those before; look at its memory meanwhile."""
    given = delivered = 0
    moved_at = time.monotonic()
    while delivered < count:
        if given < count and given - delivered < _SLICE:
            _give(url, given, min(_SLICE, count - given))
            given = min(given + _SLICE, count)
            say(f"memory of a worker: {delivered:,} of {count:,} invoices mailed; {sample(worker.pid).total:,.0f} MB")
        now_delivered = stage.count(url, "deliveries", "state = 'delivered'")
        moved_at = time.monotonic() if now_delivered > delivered else moved_at
        delivered = now_delivered
        if worker.poll() is not None or time.monotonic() - moved_at > _PATIENCE_S:
            raise RuntimeError(f"the worker stopped after {delivered} invoices (exit code {worker.poll()})")
        yield delivered, sample(worker.pid)
        time.sleep(_EVERY_S)


def _give(url: str, first: int, count: int) -> None:
    companies = [_COMPANIES[number % len(_COMPANIES)] for number in range(count)]
    stage.feed(url, (order_body(1_000_000 + first + number, company=company) for number, company in enumerate(companies)))
    stage.start_runs(url, f"slice-{first}", _COMPANIES)
