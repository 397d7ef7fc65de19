"""Real processes on one database: what locks and constraints promise, under kill -9 and under load."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from sqlalchemy import Engine, text

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from domain.invoicing.document import DocumentType
from domain.invoicing.number_series import GENESIS, chain_hash
from domain.orders.versions import Arrival
from tests import factories
from tests.contracts.persistence import workers
from tests.contracts.persistence.stock import NOW, a_version, configure, keep_orders

# A server that has imported all and has no connection: forking from it costs milliseconds, where a fresh process costs a second.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.contracts.persistence.workers"])
PROCESSES = 8
ORDERS = 1500


@pytest.fixture
def processes() -> Iterator[list[BaseProcess]]:
    """Those still running at the end of the test are killed."""
    started: list[BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join()


def start(processes: list[BaseProcess], target: Any, *arguments: Any) -> BaseProcess:
    process = FORKS.Process(target=target, args=arguments)
    process.start()
    processes.append(process)
    return process


def wait_until(condition: Callable[[], bool], processes: list[BaseProcess]) -> None:
    """Look again every now and then, for as long as there is somebody to make it true."""
    while not condition():
        assert any(process.is_alive() for process in processes)
        processes[0].join(0.05)


def count(engine: Engine, what: str) -> int:
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()


def prove_series(units_of_work: SqlUnitsOfWork, type_: DocumentType = DocumentType.INVOICE) -> int:
    """The series is 1, 2, 3 … with its chain intact, and stands behind its last document; how many there are."""
    with units_of_work() as uow:
        chain = uow.documents.chain("acme-print", type_, 0, 1_000_000)
        series = next(each for each in uow.documents.series() if each.type is type_)
    previous = GENESIS
    for number, stored in enumerate(chain, start=1):
        issued = stored.issued
        assert (issued.number, issued.previous_hash) == (number, previous)
        header = (number, issued.display_number, issued.issued_on, issued.due_on, issued.content_sha256)
        previous = chain_hash("acme-print", type_, *header, previous)
        assert issued.chain_hash == previous
    assert (series.next_number, series.last_hash) == (len(chain) + 1, previous)
    return len(chain)


def test_eight_processes_issue_one_series_under_kill_9(
    database_url: str, engine: Engine, units_of_work: SqlUnitsOfWork, processes: list[BaseProcess]
) -> None:
    """Wherever they die: no gap, no duplicate, no order twice, no order left, hash chain intact."""
    keep_orders(units_of_work, *(a_version(str(number)) for number in range(ORDERS)))
    for _ in range(PROCESSES):
        start(processes, workers.issue_all, database_url, 2)
    for issued in range(60, 420, 60):
        wait_until(lambda issued=issued: count(engine, "documents") >= issued, processes)
        victim = next((process for process in processes if process.is_alive()), None)
        if victim is None:  # a quick machine is done before the last kills
            break
        victim.kill()
        victim.join()
        start(processes, workers.issue_all, database_url, 2)
    for process in processes:
        process.join(60)

    ends = Counter(process.exitcode for process in processes)
    assert ends.keys() == {0, -signal.SIGKILL}
    assert prove_series(units_of_work) == ORDERS
    with units_of_work() as uow:
        assert uow.orders.count_by_decision(None) == {"invoiced": ORDERS}
        assert uow.verification.orders_on_several_invoices() == []


def test_two_processes_that_record_the_same_new_orders_keep_each_once(
    database_url: str, engine: Engine, units_of_work: SqlUnitsOfWork, processes: list[BaseProcess]
) -> None:
    """One is first, the other is told and records duplicates; no message is lost."""
    refs = [str(number) for number in range(200)]
    together = FORKS.Barrier(2)

    for order_of_refs in (refs, [*reversed(refs)]):
        pages = [order_of_refs[first : first + 20] for first in range(0, 200, 20)]
        same_pages = pages if order_of_refs is refs else [*reversed(pages)]
        start(processes, workers.record_all, database_url, [ref for page in same_pages for ref in page], together)
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    assert count(engine, "orders") == len(refs)
    with units_of_work() as uow:
        for ref in refs:
            outcomes = sorted(arrival.outcome for _, arrival in uow.orders.arrivals("oms", ref))
            assert outcomes == [Arrival.ACCEPTED, Arrival.DUPLICATE]


def test_intake_invoicing_and_crediting_never_lock_each_other_out(
    database_url: str, engine: Engine, units_of_work: SqlUnitsOfWork, processes: list[BaseProcess]
) -> None:
    """They take their locks in one order, so that no deadlock has to be broken; and the books stay right."""
    keep_orders(units_of_work, *(a_version(str(number)) for number in range(300)))
    enough = FORKS.Event()
    report = FORKS.Queue()

    for seed, work in enumerate(("take_in", "take_in", "invoice", "invoice", "credit_some")):
        start(processes, workers.keep_doing, database_url, work, seed, enough, report)
    for work, least in (("order_arrivals", 2500), ("documents WHERE type = 'invoice'", 500), ("documents WHERE type = 'credit_note'", 10)):
        wait_until(lambda work=work, least=least: count(engine, work) >= least, processes)
    enough.set()
    done = [report.get(timeout=60) for _ in processes]

    assert [failures for _, _, failures in done if failures] == []
    assert prove_series(units_of_work) + prove_series(units_of_work, DocumentType.CREDIT_NOTE) == count(engine, "documents")
    with units_of_work() as uow:
        assert uow.verification.orders_on_several_invoices() == []
        assert uow.verification.orders_without_trace() == []


def test_two_workers_never_drain_more_lanes_of_a_company_than_allowed(
    database_url: str, units_of_work: SqlUnitsOfWork, processes: list[BaseProcess]
) -> None:
    """They take two lanes of one company at the same instant, over and over: exactly one of them gets its lane."""
    configure(units_of_work, *(factories.an_integration(name=name) for name in ("a", "b")))
    paths = ["501/pdf_emailer/a", "501/pdf_emailer/b"]
    rounds, together, report = 100, FORKS.Barrier(2), FORKS.Queue()

    for lanes in (paths, [*reversed(paths)]):
        start(processes, workers.take_lanes, database_url, lanes, rounds, together, report)
    got = [report.get(timeout=60) for _ in processes]

    assert sorted(number for numbers in got for number in numbers) == list(range(rounds))


def test_two_operators_who_pause_the_same_at_once_leave_one_pause(
    database_url: str, units_of_work: SqlUnitsOfWork, processes: list[BaseProcess]
) -> None:
    """Neither is refused, and there is one pause to resume."""
    together = FORKS.Barrier(2)

    for _ in range(2):
        start(processes, workers.pause_all, database_url, 50, together)
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    with units_of_work() as uow:
        assert len(uow.pauses.open(NOW)) == 1
