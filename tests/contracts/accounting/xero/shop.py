"""A company that is invoiced order by order, and whose only integration is Xero: the use cases over the adapter as it is wired."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.ports.destination import Destination, LaneContext
from application.ports.ledger import Ledger
from application.use_cases.reconcile import Reconcile, ReconcileHandler, ReconcileReport
from domain.companies.integration import Integration
from domain.companies.plan import Layout
from tests.contracts.accounting.xero.house import PATH, XeroHouse
from tests.factories import a_company, a_configuration, a_plan
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry
from tests.integration.use_cases.house import House, a_message


class XeroDestinations:
    """The port ``Destinations``: every document goes to Xero."""

    def __init__(self, xero: XeroHouse) -> None:
        self._xero = xero

    def takes(self, integration: Integration) -> frozenset[str]:
        return frozenset({"invoice", "credit_note"}) if integration.path == PATH else frozenset()

    def resent(self, integration: Integration) -> str:
        return f"{integration.path} is asked whether it has the document; only what is missing is created."

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Destination]:
        assert lane.integration.path == PATH
        with self._xero.open() as destination:
            yield destination


class XeroLedgers:
    """The port ``Ledgers``."""

    def __init__(self, xero: XeroHouse) -> None:
        self._xero = xero

    def keeps(self, kind: str) -> bool:
        return kind == "xero"

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Ledger]:
        assert lane.integration.path == PATH
        with self._xero.open_ledger() as ledger:
            yield ledger


def a_shop(house: XeroHouse) -> House:
    """Invoices one by one, to Xero."""
    shop = House(house.engine, house.clock, XeroDestinations(house), RememberedHints(), RememberedTelemetry())  # type: ignore[arg-type]
    company = a_company(plan=a_plan(layout=Layout.INDIVIDUAL))
    shop.configure(a_configuration(company, integrations={PATH: house.lane.integration}, revision=2))
    return shop


def bill(shop: House, house: XeroHouse, *refs: str) -> None:
    """Invoice and deliver; some time passes."""
    shop.feed(*(a_message(ref) for ref in refs))
    shop.run()
    shop.drain(PATH)
    house.clock.advance(minutes=2)


def reconcile(shop: House, house: XeroHouse) -> ReconcileReport:
    return ReconcileHandler(shop.units_of_work, XeroLedgers(house), shop.clock)(Reconcile("ann"))


def found(report: ReconcileReport) -> dict[str, str]:
    """What differs, by number."""
    [result] = report.results
    assert result.findings is not None, result.error
    return {each.number: each.kind.value for each in result.findings.drift}
