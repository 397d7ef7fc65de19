"""What the other processes of the concurrency tests do. Each has connections of its own, as a pod has."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.ports.documents import DocumentFilter
from application.ports.orders import ConcurrentOrder, KnownOrder, OrderVersion
from application.ports.pauses import PauseScope, Stop
from domain.errors import TemporaryFailure
from domain.orders.versions import Arrival
from tests.contracts.persistence.stock import NOW, SECRET_KEY, a_version, an_arrival, credit, issue


@contextmanager
def store(url: str) -> Iterator[SqlUnitsOfWork]:
    """Units of work on connections of this process."""
    engine = make_engine(url, pool_size=1)
    yield SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))
    engine.dispose()


def issue_all(url: str, chunk: int) -> None:
    """Invoice what is due, an invoice for each order, until nothing is."""
    with store(url) as units_of_work:
        while _issue_chunk(units_of_work, chunk):
            pass


def _issue_chunk(units_of_work: SqlUnitsOfWork, chunk: int) -> int:
    with units_of_work() as uow:
        due = uow.orders.lock_due("501", 0, chunk)
        if due:
            issue(uow, [[(order.order_id, order.ref)] for order in due])
        uow.commit()
    return len(due)


def record_all(url: str, refs: list[str], start: Barrier) -> None:
    """Take in messages about orders that nobody knows, in batches, together with somebody who has the same ones."""
    with store(url) as units_of_work:
        for first in range(0, len(refs), 20):
            start.wait()
            while not _record(units_of_work, refs[first : first + 20]):
                pass


def _record(units_of_work: SqlUnitsOfWork, refs: list[str]) -> bool:
    with suppress(ConcurrentOrder), units_of_work() as uow:
        known = uow.orders.lock_known([("oms", ref) for ref in refs])
        versions = [a_version(ref) for ref in refs]
        new = [version for version in versions if ("oms", version.ref) not in known]
        again = [an_arrival(version, outcome=Arrival.DUPLICATE) for version in versions if ("oms", version.ref) in known]
        uow.orders.record(new, [*map(an_arrival, new), *again], NOW)
        uow.commit()
        return True
    return False


def take_in(units_of_work: SqlUnitsOfWork, dice: random.Random) -> None:
    """Newer versions of orders that are known, and some that are not, in any order."""
    refs = [str(number) for number in dice.sample(range(400), 40)]
    with suppress(ConcurrentOrder), units_of_work() as uow:
        known = uow.orders.lock_known([("oms", ref) for ref in refs])
        versions = [_newest(ref, known.get(("oms", ref))) for ref in refs]
        uow.orders.record(versions, [an_arrival(version) for version in versions], NOW)
        uow.commit()


def take_lanes(url: str, company_lanes: list[str], rounds: int, start: Barrier, report: "Queue[list[int]]") -> None:
    """Take a lane of a company at the same instant as others take its other lanes; which rounds this process got one in."""
    got: list[int] = []
    with store(url) as units_of_work:
        for number in range(rounds):
            start.wait()
            at = NOW + timedelta(hours=number)
            with units_of_work() as uow:
                lease = uow.deliveries.take_lease(company_lanes[number % len(company_lanes)], "worker", at, at + timedelta(hours=1), 1)
                uow.commit()
            if lease is not None:
                got.append(number)
    report.put(got)


def _newest(ref: str, known: KnownOrder | None) -> OrderVersion:
    if known is None:
        return a_version(ref)
    return a_version(ref, order_id=known.order_id, decision="invoiced" if known.invoice_number else "due")


def invoice(units_of_work: SqlUnitsOfWork, dice: random.Random) -> None:
    """One chunk of what is due."""
    _issue_chunk(units_of_work, dice.randint(1, 30))


def credit_some(units_of_work: SqlUnitsOfWork, dice: random.Random) -> None:
    """One invoice, so that its order is free and falls due again."""
    with units_of_work() as uow:
        live = [row for row in uow.documents.list(DocumentFilter(), 0, 1000) if row.state == "issued"]
        if live:
            row = dice.choice(live)
            _, freed = credit(uow, row.document_id, *row.orders)
            uow.orders.set_decisions([(order_id, "due") for order_id in freed], 1)
        uow.commit()


WORK = {"take_in": take_in, "invoice": invoice, "credit_some": credit_some}


def keep_doing(url: str, work: str, seed: int, enough: Event, report: "Queue[tuple[str, int, list[str]]]") -> None:
    """Do one kind of work over and over; report how often it was done, and what failed."""
    dice = random.Random(seed)
    turns, failures = 0, []
    with store(url) as units_of_work:
        while not enough.is_set():
            try:
                WORK[work](units_of_work, dice)
            except TemporaryFailure as failure:
                failures.append(failure.text)
            turns += 1
    report.put((work, turns, failures))


def pause_all(url: str, rounds: int, start: Barrier) -> None:
    """Pause the fleet at the same instant as others do."""
    with store(url) as units_of_work:
        for _ in range(rounds):
            start.wait()
            with units_of_work() as uow:
                uow.pauses.begin(Stop(PauseScope.FLEET, "", "because", "ann"), NOW)
                uow.commit()
