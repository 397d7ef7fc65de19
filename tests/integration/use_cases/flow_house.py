"""A house with an accounting system to read from."""

from adapters.oms.order_translator import FlowTranslators, KornitOrderTranslator
from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.order_owing import OrderOwing
from application.ports.flows import FlowState
from application.use_cases.accept_messages import AcceptMessagesHandler
from application.use_cases.review_incidents import ReviewIncidents, ReviewIncidentsHandler
from application.use_cases.run_flow import FlowReport, RunFlow, RunFlowHandler
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.companies.plan import BillTo, Layout
from domain.delivery.incident import Incident
from tests.factories import a_company_in, a_configuration, a_plan, an_admin_company_in
from tests.fakes.clock import SetClock
from tests.fakes.destination import InMemoryDestinations
from tests.fakes.sources import InMemorySource, InMemorySources
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry
from tests.integration.use_cases.house import House

FORTNOX, JORTT = "501/fortnox", "501/jortt"
FLOW = Flow("in", FORTNOX, JORTT)


class FlowHouse:
    """A house with a source and one flow."""

    def __init__(self, url: str) -> None:
        engine = make_engine(url)
        migrate(engine)
        self.house = House(engine, SetClock(), InMemoryDestinations(), RememberedHints(), RememberedTelemetry())
        self.sources = InMemorySources()
        public = KornitOrderTranslator(ChecksumVatRegister())
        house = self.house
        accept = AcceptMessagesHandler(
            house.units_of_work, FlowTranslators(public), OrderOwing(house.destinations), house.clock, house.telemetry
        )
        self.run_flow = RunFlowHandler(house.units_of_work, self.sources, house.translators, accept, house.clock, house.telemetry)
        self.declare(FLOW)

    def declare(self, *flows: Flow) -> None:
        """As `apply` does."""
        plan = a_plan(bill_to=BillTo.CUSTOMER, layout=Layout.INDIVIDUAL, enabled=False)
        company = a_company_in("SE", admin_company="seller-se", currency="SEK", plan=plan)
        integrations = [Integration("501", "fortnox"), Integration("501", "jortt", settings={"document": "order"})]
        with self.house.units_of_work() as uow:
            revision = uow.configurations.current().revision
        self.house.configure(
            a_configuration(
                company,
                revision=revision,
                admin_companies={"seller-se": an_admin_company_in("SE")},
                integrations={each.path: each for each in integrations},
                flows={flow.name: flow for flow in flows},
            )
        )

    @property
    def source(self) -> InMemorySource:
        """What is read."""
        return self.sources.one

    def run(self) -> FlowReport:
        """Run it now."""
        return self.run_flow(RunFlow("in"))

    def incidents(self) -> list[Incident]:
        """The open ones, once they were reviewed."""
        ReviewIncidentsHandler(self.house.units_of_work, self.house.clock)(ReviewIncidents())
        with self.house.units_of_work() as uow:
            return list(uow.incidents.list(0, 10, open_only=True))

    def state(self) -> FlowState:
        """Of the flow."""
        with self.house.units_of_work() as uow:
            return uow.flows.states()[0]


def taken(report: FlowReport) -> list[str]:
    """The refs."""
    return [each.ref for each in report.taken]
