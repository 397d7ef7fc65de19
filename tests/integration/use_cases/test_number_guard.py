"""A series that is behind a vendor's books issues nothing."""

from dataclasses import replace

import pytest

from application.ports.audit_log import AuditFilter
from application.ports.connections import Connection, ConnectionState
from application.queries.list_number_series import ListNumberSeriesHandler
from application.use_cases.credit_invoice import CreditInvoice
from application.use_cases.guard_numbers import GuardNumbers, GuardNumbersHandler
from application.use_cases.lift_number_guard import LiftNumberGuard, LiftNumberGuardHandler
from application.use_cases.reconcile import Reconcile, ReconcileHandler
from application.use_cases.start_run import StartRun
from domain.companies.plan import Layout
from domain.errors import Conflict, DomainError, Invalid, NotFound
from domain.invoicing.document import DocumentType
from tests.factories import a_company, a_configuration, a_plan, an_integration
from tests.fakes.ledgers import InMemoryLedgers, a_stranger
from tests.integration.use_cases.house import House, a_message


@pytest.fixture
def behind(house: House) -> House:
    """Two invoices here; the books hold the fifth."""
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(a_message("1"), a_message("2"))
    house.run()
    house.feed(a_message("3"))
    reconcile(house, "INV-000005")
    return house


def reconcile(house: House, *numbers: str) -> None:
    ledgers = InMemoryLedgers()
    ledgers.rows = [a_stranger(number) for number in numbers]
    ReconcileHandler(house.units_of_work, ledgers, house.clock)(Reconcile("ann"))


def lift(house: House, reason: str = "typed by hand", *, dry_run: bool = False, type_: DocumentType = DocumentType.INVOICE) -> None:
    LiftNumberGuardHandler(house.units_of_work, house.clock)(LiftNumberGuard("acme-print", type_, reason, "ann", dry_run))


def states(house: House) -> list[tuple[str, int, bool]]:
    return [(each.type.value, each.last_number, each.is_behind) for each in ListNumberSeriesHandler(house.units_of_work)()]


def open_incidents(house: House) -> list[tuple[str, str]]:
    with house.units_of_work() as uow:
        return [(each.cause, each.subject) for each in uow.incidents.list(0, 10, open_only=True)]


def test_issuing_is_refused_and_no_number_is_used(behind: House) -> None:
    """The order stays due; the sentence names both numbers and what to do; the rehearsal says the same."""
    with pytest.raises(DomainError) as refusal:
        behind.run()
    with pytest.raises(DomainError):
        behind.start_run(StartRun("501", dry_run=True))

    assert refusal.value.code == "series_behind"
    assert "stands at number 2" in refusal.value.text
    assert "INV-000005" in refusal.value.text
    assert "billhook reconcile" in refusal.value.next_step
    assert behind.decisions()["3"] == "due"
    assert [row.number for row in behind.invoices()] == [1, 2]
    assert states(behind) == [("invoice", 2, True)]
    assert open_incidents(behind) == [("series_behind", "acme-print")]
    [problem] = behind.problems()
    assert "INV-000005" in problem


def test_the_run_that_was_refused_is_over(behind: House) -> None:
    """It is not tried again every second; a later run takes the order."""
    with pytest.raises(DomainError):
        behind.run()

    with behind.units_of_work() as uow:
        assert list(uow.runs.due(10, behind.clock.now())) == []


def test_credit_notes_have_a_guard_of_their_own(behind: House) -> None:
    """Invoices that are behind do not hold back a credit note."""
    note = behind.credit_invoice(CreditInvoice("INV-000001", "wrong", "ann")).credit_note

    assert note.issued.display_number == "CN-000001"


def test_a_person_may_lift_it_with_a_reason_and_it_is_on_record(behind: House) -> None:
    """Up to that number; a rehearsal lifts nothing; a higher number closes it again."""
    lift(behind, dry_run=True)
    assert states(behind) == [("invoice", 2, True)]

    lift(behind)

    assert behind.run() == (3,)
    assert open_incidents(behind) == []
    with behind.units_of_work() as uow:
        [entry] = uow.audit.list(AuditFilter(action="number_guard_lifted"), 0, 10)
    assert (entry.entry.subject, entry.entry.reason) == ("acme-print", "typed by hand")
    assert entry.entry.detail == "invoice: stands at 2, lifted up to 5"
    reconcile(behind, "INV-000009")
    behind.feed(a_message("4"))
    with pytest.raises(DomainError, match="INV-000009"):
        behind.run()


def test_lifting_needs_a_reason_and_something_to_lift(behind: House) -> None:
    """And an admin company that is declared."""
    with pytest.raises(Invalid):
        lift(behind, " ")
    with pytest.raises(Conflict):
        lift(behind, type_=DocumentType.CREDIT_NOTE)
    with pytest.raises(NotFound):
        LiftNumberGuardHandler(behind.units_of_work, behind.clock)(LiftNumberGuard("acme", DocumentType.INVOICE, "because", "ann"))


def test_a_series_that_has_come_as_far_goes_on_by_itself(house: House) -> None:
    """As far is far enough: the same number there is the one from here."""
    house.feed(a_message("1"))
    house.run()
    reconcile(house, "INV-000001")
    house.feed(a_message("2"))

    assert house.run() == (2,)


def test_a_declared_first_number_behind_the_books_is_not_behind(house: House) -> None:
    """Whoever goes on from another program's last number declares the next one."""
    reconcile(house, "INV-000005")
    house.feed(a_message("1"))
    with pytest.raises(DomainError):
        house.run()
    seller = a_configuration().admin_companies["acme-print"]
    moved = replace(seller, numbering=replace(seller.numbering, first=6))
    house.configure(a_configuration(admin_companies={"acme-print": moved}, revision=3))

    assert house.run() == (6,)


def test_the_look_at_the_start_asks_only_for_what_came_after_the_last_issue(house: House) -> None:
    """And closes the series before anything is issued."""
    house.feed(a_message("1"))
    house.run()
    ledgers = InMemoryLedgers()
    ledgers.rows = [a_stranger("INV-000002"), a_stranger("INV-000007"), a_stranger("X-9")]
    look = GuardNumbersHandler(house.units_of_work, ledgers, house.clock, house.telemetry)

    assert look(GuardNumbers()) == 1

    [since] = ledgers.asked_since
    assert since is not None
    assert since < house.clock.now()
    assert states(house) == [("invoice", 1, True)]
    assert open_incidents(house) == [("series_behind", "acme-print")]


def test_a_vendor_that_is_away_at_the_start_stops_nobody(house: House) -> None:
    """The log says so."""
    ledgers = InMemoryLedgers()
    ledgers.rows = [a_stranger("INV-000002")]
    ledgers.fails = DomainError("needs_reauth", "Not connected.")

    assert GuardNumbersHandler(house.units_of_work, ledgers, house.clock, house.telemetry)(GuardNumbers()) == 0

    assert house.telemetry.events[-1][0] == "numbers_not_guarded"


def test_the_books_of_one_organisation_are_read_once(house: House) -> None:
    """Two companies of one admin company may share them; where one consent is lost, the other answers."""
    first, second, third = (an_integration(name=name) for name in ("a", "b", "c"))
    house.configure(a_configuration(integrations={each.path: each for each in (first, second, third)}, revision=2))
    with house.units_of_work() as uow:
        for integration in (first, second):
            connection = Connection(integration.path, ConnectionState.OK, organisation_id="tenant-1")
            uow.connections.save(connection, house.clock.now())
        uow.commit()
    ledgers = InMemoryLedgers()

    read = GuardNumbersHandler(house.units_of_work, ledgers, house.clock, house.telemetry)(GuardNumbers())

    assert (read, len(ledgers.asked_since)) == (2, 2)


def test_a_long_row_of_books_does_not_hold_up_the_scheduler(house: House) -> None:
    """What there was no time for is told in the log."""
    look = GuardNumbersHandler(house.units_of_work, InMemoryLedgers(), house.clock, house.telemetry)

    assert look(GuardNumbers(within_s=-1)) == 0

    assert house.telemetry.events[-1][0] == "numbers_not_guarded"
