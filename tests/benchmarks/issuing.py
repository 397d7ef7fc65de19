"""Issuing invoices, each order one of its own; beside inserting the same rows ready-made, under the same locks."""

import time
from collections.abc import Sequence
from functools import partial
from itertools import chain

from application.use_cases.execute_run import ExecuteRun
from entrypoints.container import Application
from entrypoints.garbage import collect_seldom
from tests.benchmarks import stage
from tests.benchmarks.apart import apart, at_once, wait_for_the_others
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.orders import order_body
from tests.benchmarks.replay import Chunk, read_chunks, replay
from tests.services.postgres import PostgresServer

GOAL = 0.25
GOAL_TWO = 1.3
ITEMS = 3
_ONE = "501"
_TWO = ("501", "502")


def measure(postgres: PostgresServer, count: int, repeats: int) -> Figure:
    """Invoices a second on one series."""
    template = postgres.template(f"orders-{count}", partial(_fill, companies=(_ONE,), count=count))
    chunks: list[Chunk] = []

    def ours() -> float:
        with stage.fresh_copy(postgres, template) as url:
            return _rate(url, count, apart(_issue, url, (_ONE,)))

    def theirs() -> float:
        if not chunks:
            chunks.extend(_ready_made(postgres, template))
        with stage.fresh_copy(postgres, template) as url:
            return _rate(url, count, apart(replay, url, _ONE, chunks))

    return compare(
        what="issuing, individual layout, one series",
        unit="invoices/s",
        floor_is="inserting the same rows ready-made, in the same chunks and under the same locks, by COPY",
        goal=GOAL,
        repeats=repeats,
        ours=ours,
        theirs=theirs,
        facts={"orders": count, "items_per_order": ITEMS},
    )


def measure_two(postgres: PostgresServer, count: int, repeats: int) -> Figure:
    """Two companies of one admin company, so of one series: in two processes at once, and one after the other in one."""
    template = postgres.template(f"orders-2x{count}", partial(_fill, companies=_TWO, count=count))

    def ours() -> float:
        with stage.fresh_copy(postgres, template) as url:
            spans = at_once(_issue_at_once, [(url, company) for company in _TWO])
            seconds = max(end for _, end in spans) - min(begin for begin, _ in spans)
            return _rate(url, 2 * count, seconds)

    def theirs() -> float:
        with stage.fresh_copy(postgres, template) as url:
            return _rate(url, 2 * count, apart(_issue, url, _TWO))

    return compare(
        what="issuing for two companies of one series in two processes",
        unit="invoices/s",
        floor_is="one process that does both",
        goal=GOAL_TWO,
        repeats=repeats,
        ours=ours,
        theirs=theirs,
        facts={"orders": 2 * count, "items_per_order": ITEMS},
    )


def _fill(url: str, companies: Sequence[str], count: int) -> None:
    stage.prepare(url, *companies)
    numbers = [range(place * count, (place + 1) * count) for place in range(len(companies))]
    stage.feed(
        url,
        chain.from_iterable(
            (order_body(1_000_000 + number, company=company, items=ITEMS) for number in mine)
            for company, mine in zip(companies, numbers, strict=True)
        ),
    )


def _ready_made(postgres: PostgresServer, template: str) -> list[Chunk]:
    with stage.fresh_copy(postgres, template) as url:
        apart(_issue, url, (_ONE,))
        return read_chunks(url)


def _rate(url: str, count: int, seconds: float) -> float:
    for table in ("documents", "document_orders", "deliveries"):
        if (rows := stage.count(url, table)) != count:
            raise RuntimeError(f"{count} orders became {rows} rows of {table}")
    return count / seconds


def _issue(url: str, companies: Sequence[str]) -> float:
    with stage.application(url) as billhook:
        runs = [_start_run(billhook, company) for company in companies]
        collect_seldom()  # as the worker does
        began = time.perf_counter()
        for run_id in runs:
            billhook.catalogue.execute_run(ExecuteRun(run_id))
        return time.perf_counter() - began


def _issue_at_once(url: str, company: str) -> tuple[float, float]:
    with stage.application(url) as billhook:
        run_id = _start_run(billhook, company)
        collect_seldom()
        wait_for_the_others()
        began = time.monotonic()
        billhook.catalogue.execute_run(ExecuteRun(run_id))
        return began, time.monotonic()


def _start_run(billhook: Application, company: str) -> int:
    with billhook.container.units_of_work()() as uow:
        run_id = uow.runs.add(company, "benchmark", billhook.container.clock().now())
        uow.configurations.current()
        uow.commit()
    if run_id is None:
        raise RuntimeError(f"company {company} has a run already")
    return int(run_id)
