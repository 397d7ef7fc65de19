"""A lane whose consent is lost: its deliveries wait, and go on after a reconnect."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.consignments import ConsignmentLoader
from application.ports.deliveries import DeliveryFilter, Owed
from application.ports.destination import Destination, LaneContext
from application.use_cases.drain_lane import DrainLane, DrainLaneHandler
from application.use_cases.review_incidents import ReviewIncidents, ReviewIncidentsHandler
from domain.companies.integration import Integration
from tests.contracts.persistence.stock import a_version, keep_orders
from tests.fakes.destination import InMemoryDestinations
from tests.integration.accounting.office import LANE, Office


class Books:
    """The port ``Destinations``: opens what tests look into, where there is access."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.within = InMemoryDestinations()
        self.opened: list[str] = []

    def takes(self, integration: Integration) -> frozenset[str]:
        return frozenset({"order"})

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Destination]:
        access = self._office.current()
        self.opened.append(access.organisation_name)
        with self.within.open(lane) as destination:
            yield destination


def test_deliveries_wait_for_a_reconnect_and_then_go_on(office: Office) -> None:
    """They say why, and with which command; the lane is not tried again and again meanwhile."""
    books = Books(office)
    translators = OmsTranslators(KornitOrderTranslator(ChecksumVatRegister()))
    loader = ConsignmentLoader(office.units_of_work, translators)
    drain = DrainLaneHandler(office.units_of_work, loader, books, office.clock, office.telemetry, lambda: 0.5, "worker-1")
    office.connect()
    [order_id] = keep_orders(office.units_of_work, a_version())
    with office.units_of_work() as uow:
        uow.deliveries.owe([Owed(LANE, "order", order_id)], office.clock.now())
        uow.commit()
    office.xero.identity.forget_tokens()
    office.clock.advance(minutes=31)

    drain(DrainLane(LANE))
    with office.units_of_work() as uow:
        [waiting] = uow.deliveries.list(DeliveryFilter(), 0, 10)
        due_before = list(uow.deliveries.due_lanes(office.clock.now(), 10))
    office.connect()
    with office.units_of_work() as uow:
        due_after = list(uow.deliveries.due_lanes(office.clock.now(), 10))
    drain(DrainLane(LANE))
    with office.units_of_work() as uow:
        [done] = uow.deliveries.list(DeliveryFilter(), 0, 10)

    assert done.state == "delivered"
    assert waiting.state == "pending"
    assert "billhook connect xero --company 501" in waiting.last_error
    assert (due_before, due_after) == ([], [LANE])
    assert books.opened == ["Demo Company (UK)"]
    # That it is over is told once it has stayed so for a while.
    assert [alert.startswith("Over now") for alert in office.alerts()] == [False]
    office.clock.advance(minutes=16)
    ReviewIncidentsHandler(office.units_of_work, office.clock)(ReviewIncidents())
    assert [alert.startswith("Over now") for alert in office.alerts()] == [False, True]
