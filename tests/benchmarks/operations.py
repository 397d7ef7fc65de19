"""What operators ask, with a million orders and 300,000 deliveries in the tables: the time the database takes for each command."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, event

from application.catalogue import Catalogue
from application.ports.audit_log import AuditFilter
from application.ports.deliveries import DeliveryFilter
from application.ports.documents import DocumentFilter
from application.ports.orders import OrderFilter
from entrypoints.container import Application
from tests import factories
from tests.benchmarks import stage
from tests.benchmarks.crowd import CHANGED, Crowd, fill, make_lanes_due, ref_of
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.progress import say
from tests.services.postgres import PostgresServer

GOAL_MS = 50.0
GOAL_LANES = 2.0
LANES = 10_000
_SAMPLES = 25
_PAGE = 50

Ask = Callable[[], object]


@dataclass(slots=True)
class Watch:
    """Adds up what the database takes for statements, in ms, and counts them."""

    spent_ms: float = 0.0
    statements: int = 0
    _began: float = field(default=0.0, init=False)

    def before(self, *_: object) -> None:
        self._began = time.perf_counter()

    def after(self, *_: object) -> None:
        self.spent_ms += (time.perf_counter() - self._began) * 1000
        self.statements += 1


@dataclass(frozen=True, slots=True)
class Taken:
    """What one kind of command took: ms of database time, the median and the least of the samples, and how many statements."""

    median_ms: float
    least_ms: float
    statements: int


@contextmanager
def watched(engine: Engine) -> Iterator[Watch]:
    """What goes over this engine meanwhile."""
    watch = Watch()
    event.listen(engine, "before_cursor_execute", watch.before)
    event.listen(engine, "after_cursor_execute", watch.after)
    yield watch
    event.remove(engine, "before_cursor_execute", watch.before)
    event.remove(engine, "after_cursor_execute", watch.after)


def measure(postgres: PostgresServer, orders: int, deliveries: int) -> dict[str, Figure]:
    """Each command for several subjects, of which the median counts; a row of the report shows the slowest command of its kind."""
    crowd = Crowd(orders, deliveries)
    url = postgres.create_database()
    say(f"operations: filling {orders:,} orders and {deliveries:,} deliveries in")
    fill(url, crowd)
    with stage.application(url) as billhook:
        floor = _measure(billhook, [partial(_one_row, billhook, ref_of(number)) for number in crowd.samples(_SAMPLES)])
        facts = {"orders": orders, "deliveries": deliveries, "samples": _SAMPLES}
        figures = {name: _at_most(name, asked, billhook, floor, facts) for name, asked in _questions(billhook.catalogue, crowd).items()}
    return {**figures, "due_lanes": _due_lanes(postgres)}


def _questions(catalogue: Catalogue, crowd: Crowd) -> dict[str, Mapping[str, Sequence[Ask]]]:
    numbers = crowd.samples(_SAMPLES)
    invoiced = crowd.invoiced_samples(_SAMPLES)
    last = crowd.orders - _PAGE
    return {
        "explain": {
            "an invoiced order": [partial(catalogue.explain_order, ref_of(number)) for number in invoiced],
            "an order that is not invoiced": [partial(catalogue.explain_order, ref_of(number)) for number in numbers],
            "an order changed after invoicing": [partial(catalogue.explain_order, ref_of(CHANGED))] * _SAMPLES,
        },
        "trace": {
            "an invoiced order": [partial(catalogue.trace, ref_of(number)) for number in invoiced],
            "an order that is not invoiced": [partial(catalogue.trace, ref_of(number)) for number in numbers],
            "an invoice": [partial(catalogue.trace, f"INV-{number:06d}") for number in invoiced],
            "a delivery": [partial(catalogue.trace, f"dlv_{number}") for number in invoiced],
            "a message": [partial(catalogue.trace, f"msg-{ref_of(number)}") for number in numbers],
        },
        "lists": {
            "orders": [partial(catalogue.list_orders, OrderFilter(), last, _PAGE)] * _SAMPLES,
            "orders of a company and decision": [partial(catalogue.list_orders, OrderFilter(company="501", decision="due"), last, _PAGE)]
            * _SAMPLES,
            "invoices": [partial(catalogue.list_documents, DocumentFilter(), crowd.deliveries - _PAGE, _PAGE)] * _SAMPLES,
            "deliveries": [partial(catalogue.list_deliveries, DeliveryFilter(), crowd.deliveries - _PAGE, _PAGE)] * _SAMPLES,
            "audit": [partial(catalogue.list_audit, AuditFilter(), _PAGE, _PAGE)] * _SAMPLES,
        },
    }


def _at_most(name: str, asked: Mapping[str, Sequence[Ask]], billhook: Application, floor: Taken, facts: Mapping[str, Any]) -> Figure:
    measured = {what: _measure(billhook, asks) for what, asks in asked.items()}
    for what, taken in measured.items():
        say(f"operations, {name} of {what}: {taken.median_ms:.2f} ms of database time in {taken.statements} statements")
    slowest = max(measured, key=lambda what: measured[what].median_ms)
    value = measured[slowest].median_ms
    return Figure(
        what=f"{name}: {slowest}, database time",
        unit="ms",
        value=round(value, 3),
        floor_is="reading one order by its key",
        floor=round(floor.median_ms, 3),
        ratio=round(value / floor.median_ms, 3),
        goal=GOAL_MS,
        goal_is=Goal.VALUE_AT_MOST,
        facts={**facts, "floor": asdict(floor), "commands": {what: asdict(taken) for what, taken in measured.items()}},
    )


def _measure(billhook: Application, asks: Sequence[Ask]) -> Taken:
    """One command for several subjects. The first one warms up."""
    engine = billhook.container.engine()
    asks[0]()
    spent: list[float] = []
    for ask in asks:
        with watched(engine) as watch:
            ask()
        spent.append(watch.spent_ms)
    return Taken(round(statistics.median(spent), 3), round(min(spent), 3), watch.statements)


def _one_row(billhook: Application, ref: str) -> None:
    with billhook.container.units_of_work()() as uow:
        uow.orders.find(ref)


def _due_lanes(postgres: PostgresServer) -> Figure:
    """Ten lanes are asked for: with ten due of 10,000, and with all of them due."""
    url = postgres.create_database()
    companies = [factories.a_company(ref=str(number)) for number in range(100_000, 100_000 + LANES)]
    with stage.application(url) as billhook:
        billhook.migrate()
        with billhook.container.units_of_work()() as uow:
            uow.configurations.save(factories.a_configuration(*companies), {}, {})
            uow.commit()
        paths = [f"{company.ref}/pdf_emailer" for company in companies]
        make_lanes_due(url, paths[:: LANES // 10])
        few = _sweep_ms(billhook)
        make_lanes_due(url, paths)
        many = _sweep_ms(billhook)
        catalogue, middle = billhook.catalogue, paths[LANES // 2]
        pages = {
            "lanes": _measure(billhook, [partial(catalogue.list_lanes, middle, _PAGE)] * _SAMPLES),
            "pauses": _measure(billhook, [partial(catalogue.list_pauses, middle, _PAGE)] * _SAMPLES),
            "incidents": _measure(billhook, [partial(catalogue.list_incidents, 0, _PAGE)] * _SAMPLES),
        }
        for what, taken in pages.items():
            say(f"operations, a page of {what} of {LANES:,}: {taken.median_ms:.2f} ms of database time in {taken.statements} statements")
    return Figure(
        what=f"dispatching ten lanes, with {LANES:,} of them due",
        unit="ms",
        value=round(many, 3),
        floor_is="the same with ten lanes due",
        floor=round(few, 3),
        ratio=round(many / few, 3),
        goal=GOAL_LANES,
        goal_is=Goal.RATIO_AT_MOST,
        facts={"lanes": LANES, "samples": _SAMPLES, "pages": {what: asdict(taken) for what, taken in pages.items()}},
    )


def _sweep_ms(billhook: Application) -> float:
    at = datetime.now(UTC) + timedelta(minutes=1)

    def ask() -> None:
        with billhook.container.units_of_work()() as uow:
            lanes = uow.deliveries.due_lanes(at, 10)
        if len(lanes) != 10:
            raise RuntimeError(f"{len(lanes)} lanes are due")

    return _measure(billhook, [ask] * _SAMPLES).median_ms
