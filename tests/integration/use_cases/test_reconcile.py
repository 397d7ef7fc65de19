"""Our books compared with a vendor's."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.audit_log import AuditFilter
from application.ports.ledger import RemoteState
from application.reconciling.drift import Drift
from application.use_cases.reconcile import Reconcile, Reconciled, ReconcileHandler, ReconcileReport
from domain.companies.plan import Layout
from domain.delivery.outcome import Delivered, Refused
from domain.errors import DomainError, NotFound, TemporaryFailure
from tests.factories import a_company, a_configuration, a_plan
from tests.fakes.ledgers import InMemoryLedgers, a_stranger, as_remote
from tests.integration.use_cases.house import LANE, House, a_message


@dataclass
class Bookkeeping:
    """A house with three delivered invoices, and the books they were delivered to."""

    house: House
    ledgers: InMemoryLedgers = field(default_factory=InMemoryLedgers)

    def reconcile(self, command: Reconcile | None = None) -> ReconcileReport:
        handler = ReconcileHandler(self.house.units_of_work, self.ledgers, self.house.clock)
        return handler(command or Reconcile("ann"))

    def result(self) -> Reconciled:
        [result] = self.reconcile().results
        return result

    def drift(self) -> dict[str, str]:
        findings = self.result().findings
        assert findings is not None
        return {found.number: found.kind.value for found in findings.drift}

    def only(self) -> Drift:
        findings = self.result().findings
        assert findings is not None
        [found] = findings.drift
        return found


@pytest.fixture
def books(house: House) -> Bookkeeping:
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in (1, 2, 3)))
    house.run()
    house.drain()
    house.clock.advance(minutes=5)
    books = Bookkeeping(house)
    books.ledgers.rows = [as_remote(row) for row in house.invoices()]
    return books


def test_equal_books_are_clean_and_the_comparison_is_on_record(books: Bookkeeping) -> None:
    """Who compared what, and what came of it."""
    report = books.reconcile()

    assert (report.drifts, report.without_books) == (0, ())
    assert [(each.integration, each.findings and each.findings.compared) for each in report.results] == [(LANE, 3)]
    with books.house.units_of_work() as uow:
        [entry] = uow.audit.list(AuditFilter(action="reconciled"), 0, 10)
    assert (entry.entry.actor, entry.entry.subject) == ("ann", LANE)
    assert entry.entry.detail == "3 documents compared: no difference"


def test_every_way_to_differ_has_its_name(books: Bookkeeping) -> None:
    """Missing, void, different; what looks like ours and is not; what has another number is nobody's business."""
    _, second, third = books.house.invoices()
    books.ledgers.rows = [
        as_remote(second, state=RemoteState.VOIDED),
        as_remote(third, total=third.total + 1),
        a_stranger("INV-000000"),
        a_stranger("OTHER-7"),
    ]

    assert books.drift() == {
        "INV-000001": "missing",
        "INV-000002": "voided",
        "INV-000003": "different",
        "INV-000000": "not_issued",
    }


def test_what_somebody_renumbered_there_is_not_to_be_sent_again(books: Bookkeeping) -> None:
    """It is known by the vendor's own id. One of that id and another type is something else, and a void one counts no more."""
    books.house.destinations.one.plan = lambda consignment: Delivered(f"remote-{consignment.delivery_id}")
    books.house.feed(*(a_message(str(ref)) for ref in (4, 5, 6)))
    books.house.run()
    books.house.drain()
    books.house.clock.advance(minutes=5)
    books.ledgers.rows += [
        a_stranger("OLD-1", remote_id="remote-4"),
        a_stranger("OLD-2", remote_id="remote-5", type="credit_note"),
        a_stranger("OLD-3", remote_id="remote-6", state=RemoteState.VOIDED),
    ]

    findings = books.result().findings

    assert findings is not None
    told = {each.number: (each.kind.value, each.detail, "deliveries resend" in each.next_step) for each in findings.drift}
    assert told == {
        "INV-000004": ("different", "number OLD-1 there, INV-000004 here", False),
        "INV-000005": ("missing", "It was delivered as remote-5, and is not there.", True),
        "INV-000006": ("missing", "It was delivered as remote-6, and is not there.", True),
    }


def test_each_drift_has_one_next_step(books: Bookkeeping) -> None:
    """A void document is not credited by itself: the operator gets the command."""
    first, *rest = books.house.invoices()
    books.ledgers.rows = [as_remote(first, state=RemoteState.VOIDED), *map(as_remote, rest)]

    found = books.only()

    assert "billhook invoices credit INV-000001 --reason" in found.next_step
    assert "billhook deliveries resend dlv_1 --reason" in found.next_step
    assert books.house.states() == ["delivered"] * 3


def test_a_draft_is_drift_unless_the_integration_leaves_drafts(books: Bookkeeping) -> None:
    """One setting decides."""
    first, *rest = books.house.invoices()
    books.ledgers.rows = [as_remote(first, state=RemoteState.DRAFT), *map(as_remote, rest)]

    assert books.drift() == {"INV-000001": "draft"}


def test_a_second_one_that_counts_is_told_and_a_void_one_beside_it_is_not(books: Bookkeeping) -> None:
    """What was voided and sent again is one."""
    first, second, third = books.house.invoices()
    books.ledgers.rows += [as_remote(first, remote_id="again"), as_remote(second, state=RemoteState.VOIDED)]

    assert books.drift() == {"INV-000001": "twice"}
    assert third.display_number == "INV-000003"


def test_what_is_on_the_way_is_no_drift(books: Bookkeeping) -> None:
    """Not delivered yet, or delivered while the books were read."""
    books.house.feed(a_message("4"))
    books.house.run()

    before = books.result().findings
    books.house.drain()
    meanwhile = books.result().findings

    assert before is not None
    assert meanwhile is not None
    assert (before.compared, before.on_the_way, dict(before.counts)) == (3, 1, {})
    books.house.clock.advance(minutes=1)
    assert books.drift() == {"INV-000004": "missing"}


def test_what_needs_a_person_is_missing_there_and_says_why(books: Bookkeeping) -> None:
    """Where it arrived all the same, that is told instead."""
    books.house.destinations.one.plan = lambda _: Refused("account_missing", "No account 200.", "billhook deliveries retry {delivery}")
    books.house.feed(a_message("4"))
    books.house.run()
    books.house.drain()
    books.house.clock.advance(minutes=1)

    missing = books.only()
    books.ledgers.rows.append(as_remote(books.house.invoices()[3]))
    arrived = books.only()

    assert (missing.kind, missing.next_step) == ("missing", "billhook deliveries retry dlv_4")
    assert "account_missing: No account 200." in missing.detail
    assert (arrived.kind, arrived.next_step) == ("undelivered", "billhook deliveries delivered dlv_4 --reason 'Seen there'")


def test_since_limits_both_sides(books: Bookkeeping) -> None:
    """Theirs is asked for a little more, since their clock is not ours; what is older here is not missed."""
    since = books.house.clock.now()
    books.ledgers.rows = []
    books.house.destinations.one.plan = lambda _: Delivered("remote")
    books.house.clock.advance(minutes=1)
    books.house.feed(a_message("4"))
    books.house.run()
    books.house.drain()
    books.house.clock.advance(minutes=1)

    [result] = books.reconcile(Reconcile("ann", since=since)).results

    assert result.findings is not None
    assert [found.number for found in result.findings.drift] == ["INV-000004"]
    assert books.ledgers.asked_since == [since - timedelta(hours=1)]


@pytest.mark.parametrize(
    ("failure", "code"),
    [(DomainError("needs_reauth", "Not connected.", "billhook connect"), "needs_reauth"), (TemporaryFailure("503"), "temporary_failure")],
)
def test_a_vendor_that_cannot_answer_is_named(books: Bookkeeping, failure: DomainError | TemporaryFailure, code: str) -> None:
    """Nothing is said of its books, and that it was tried is on record."""
    books.ledgers.fails = failure

    result = books.result()

    assert (result.findings, result.code, result.error) == (None, code, failure.text)
    with books.house.units_of_work() as uow:
        [entry] = uow.audit.list(AuditFilter(action="reconciled"), 0, 10)
    assert entry.entry.detail == f"not compared: {failure.text}"


def test_kinds_without_books_are_named_and_unknown_ones_refused(books: Bookkeeping) -> None:
    """A mistyped path must not look like clean books."""
    books.ledgers = InMemoryLedgers("xero")

    assert books.reconcile().without_books == (LANE,)
    assert books.reconcile(Reconcile("ann", (LANE,))).without_books == (LANE,)
    with pytest.raises(NotFound):
        books.reconcile(Reconcile("ann", ("501/xerox",)))


def test_a_credit_note_is_compared_with_credit_notes(books: Bookkeeping) -> None:
    """Its amounts are positive on both sides."""
    books.ledgers.rows.append(a_stranger("CN-000001", type="credit_note", net=Decimal(1)))

    assert books.drift() == {"CN-000001": "not_issued"}
