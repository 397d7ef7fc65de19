"""Invoices without tax, behind the VAT gate, with a fake VIES over HTTP; on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from application.accounting.vat_gate import VatClaim
from application.ports.destination import Destination, LaneContext
from application.ports.vat_checks import VatCheck
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.drain_lane import ATTEMPTS_MAX
from domain.companies.plan import Layout
from entrypoints.container.vat_gates import behind_gate, vat_gate
from tests.factories import VAT_NUMBERS, a_company_in, a_configuration, a_plan, an_admin_company_in
from tests.fakes.clock import SetClock
from tests.fakes.destination import InMemoryDestinations
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry
from tests.fakes.vies.fake import FakeVies, Trader
from tests.fakes.vies.fixtures import vies
from tests.integration.use_cases.house import LANE, House, a_message

__all__ = ["vies"]


class GatedDestinations(InMemoryDestinations):
    """Every lane behind the gate."""

    house: House
    url: str

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Destination]:
        with behind_gate(super().open, self.gate)(lane) as destination:
            yield destination

    def connect(self, house: House, url: str) -> None:
        """With the register at that address."""
        sessions = OutboundSessions(OutboundAddresses(parse_allowed_networks("127.0.0.0/8")))
        self.gate = vat_gate(house.units_of_work, house.clock, url, sessions.open)


@pytest.fixture
def dutch(database_url: str, vies: FakeVies) -> Iterator[House]:
    """A Swedish seller, and a Dutch company with two invoices to deliver; VIES knows both numbers."""
    engine = make_engine(database_url)
    migrate(engine)
    destinations = GatedDestinations()
    house = House(engine, SetClock(), destinations, RememberedHints(), RememberedTelemetry())
    destinations.connect(house, vies.address)
    vies.traders |= {VAT_NUMBERS["NL"]: Trader("PHOTO GIFTS BV"), VAT_NUMBERS["SE"]: Trader("ACME AB")}
    company = a_company_in("NL", admin_company="seller-se", currency="SEK", plan=a_plan(layout=Layout.INDIVIDUAL))
    house.configure(a_configuration(company, admin_companies={"seller-se": an_admin_company_in("SE")}))
    house.feed(*(a_message(ref, currency_code="SEK") for ref in ("1", "2")))
    assert house.run() == (1, 2)
    yield house
    assert house.problems() == []
    engine.dispose()


def answer_kept(house: House) -> VatCheck | None:
    """The evidence."""
    with house.units_of_work() as uow:
        return uow.vat_checks.latest(VAT_NUMBERS["NL"], VAT_NUMBERS["SE"])


def details(house: House, delivery_id: int = 1) -> list[str]:
    """Of the attempts of a delivery."""
    with house.units_of_work() as uow:
        return [attempt.detail for attempt in uow.deliveries.attempts(delivery_id)]


def test_one_question_serves_all_invoices_of_a_month(dutch: House, vies: FakeVies) -> None:
    """The answer is kept with its consultation number, which stands in each delivery's history too."""
    dutch.drain()
    dutch.clock.advance(days=29)
    dutch.feed(a_message("3", currency_code="SEK"))
    dutch.run()
    dutch.drain()

    assert dutch.states() == ["delivered"] * 3
    kept = answer_kept(dutch)
    assert kept is not None
    assert (kept.valid, kept.name, kept.consultation_number) == (True, "PHOTO GIFTS BV", "WAPIAAAA00000001")
    assert details(dutch)[-1] == "VAT number NL004495445B01 valid on 2026-11-21, consultation WAPIAAAA00000001"
    assert [(question.country, question.requester) for question in vies.questions] == [("NL", VAT_NUMBERS["SE"])]


def test_by_which_answer_a_document_went_out_is_known_long_after(dutch: House, vies: FakeVies) -> None:
    """A delivery of several effects may end on another day than the one on which its claim was checked. Nobody is asked for that."""
    dutch.drain()
    dutch.clock.advance(days=60)
    assert isinstance(dutch.destinations, GatedDestinations)
    gate = dutch.destinations.gate()

    evidence = [gate.evidence(VatClaim(number, VAT_NUMBERS["SE"], "777")) for number in (VAT_NUMBERS["NL"], "DE136695976")]

    assert evidence == ["VAT number NL004495445B01 valid on 2026-11-21, consultation WAPIAAAA00000001", ""]
    assert len(vies.questions) == 1


def test_an_answer_is_asked_for_anew_after_a_month(dutch: House, vies: FakeVies) -> None:
    """Both answers stay."""
    dutch.drain()
    dutch.clock.advance(days=30)
    dutch.feed(a_message("3", currency_code="SEK"))
    dutch.run()
    dutch.drain()

    kept = answer_kept(dutch)
    assert kept is not None
    assert (len(vies.questions), kept.consultation_number) == (2, "WAPIAAAA00000002")


def test_an_outage_makes_documents_wait_and_they_go_out_when_it_is_over(dutch: House, vies: FakeVies) -> None:
    """That nobody answers does not mean that the number is wrong."""
    vies.outages["NL"] = "MS_UNAVAILABLE"
    dutch.drain()
    assert dutch.states() == ["waiting"] * 2
    assert len(vies.questions) == 1

    vies.outages.clear()
    dutch.clock.advance(minutes=59)
    dutch.drain()
    assert dutch.states() == ["waiting"] * 2
    dutch.clock.advance(minutes=2)
    dutch.drain()

    assert dutch.states() == ["delivered"] * 2
    assert len(vies.questions) == 2


def test_an_outage_without_end_needs_a_person(dutch: House, vies: FakeVies) -> None:
    """After as many attempts as anything else is given."""
    vies.outages["NL"] = "SERVICE_UNAVAILABLE"
    for _ in range(ATTEMPTS_MAX):
        dutch.drain()
        dutch.clock.advance(hours=1)

    assert dutch.states() == ["needs_human"] * 2
    assert answer_kept(dutch) is None


def test_a_number_that_is_not_valid_is_refused_with_the_next_step(dutch: House, vies: FakeVies) -> None:
    """Nothing was handed over; the answer is kept, and asked for anew on the next day, when a person may have seen to it."""
    del vies.traders[VAT_NUMBERS["NL"]]
    dutch.drain()
    assert dutch.states() == ["needs_human"] * 2
    [refused, _] = dutch.deliveries()
    assert refused.last_error == "vat_number_invalid: The buyer's VAT number NL004495445B01 is not valid. VIES says that it is not valid."
    assert "billhook invoices credit seller-se:INV-000001 --reissue" in refused.next_step
    assert dutch.destinations.one.arrived == []

    vies.traders[VAT_NUMBERS["NL"]] = Trader()
    dutch.clock.advance(days=1)
    ChangeDeliveriesHandler(dutch.units_of_work, dutch.destinations, dutch.hints, dutch.clock)(
        ChangeDeliveries(Action.RETRY, "tests", delivery_ids=(1, 2), reason="seen to")
    )
    dutch.drain(LANE)

    assert dutch.states() == ["delivered"] * 2
    assert len(vies.questions) == 2
