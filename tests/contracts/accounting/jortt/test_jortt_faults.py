"""Exactly one document at jortt for each of ours, whatever goes wrong on the way."""

from collections.abc import Callable

import pytest

from application.ports.destination import LeaseVoid
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, NotThere, PartlyThere, Refused, RetryLater, StepDone, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.accounting.jortt.house import JorttHouse, a_billable_order, a_credit_note, all_delivered, an_invoice
from tests.fakes.jortt.faults import Faults

CREATE = "POST /v3/invoices"
Lose = Callable[[Faults, str], None]
PROCESSED: tuple[Lose, ...] = (
    lambda faults, on: faults.create_then_drop(on),
    lambda faults, on: faults.html_502(on, processed=True),
    lambda faults, on: faults.status(500, on, processed=True),
)
NOT_PROCESSED: tuple[Lose, ...] = (
    lambda faults, on: faults.drop_before_create(on),
    lambda faults, on: faults.html_502(on),
    lambda faults, on: faults.status(503, on),
)


@pytest.fixture
def known(house: JorttHouse) -> JorttHouse:
    """With its customer there."""
    assert all_delivered(house.deliver(an_invoice(9)))
    return house


@pytest.mark.parametrize("lose", PROCESSED)
@pytest.mark.parametrize("lag", [0, 1, 100])
def test_a_document_whose_answer_was_lost_is_found_however_late_a_search_sees_it(known: JorttHouse, lose: Lose, lag: int) -> None:
    known.jortt.index.visible_after_searches = lag
    lose(known.jortt.faults, CREATE)
    [lost] = known.deliver(an_invoice())
    assert isinstance(lost, Unknown)

    found = known.look_up(an_invoice())

    assert isinstance(found, Delivered)
    assert found.remote_id == known.invoice()["id"]
    assert known.invoices()["INV-000001"] == 1


@pytest.mark.parametrize("lose", NOT_PROCESSED)
def test_a_document_that_never_arrived_is_looked_for_twice_and_sent_again(known: JorttHouse, lose: Lose) -> None:
    lose(known.jortt.faults, CREATE)
    [lost] = known.deliver(an_invoice())
    assert isinstance(lost, Unknown)
    known.naps.clear()
    assert known.look_up(an_invoice()) == NotThere()
    assert max(known.naps) >= 3

    assert all_delivered(known.deliver(an_invoice()))

    assert known.invoices()["INV-000001"] == 1


def test_one_lost_answer_stops_no_other_document(known: JorttHouse) -> None:
    known.jortt.faults.create_then_drop(CREATE)

    outcomes = known.deliver(*map(an_invoice, (1, 2, 3)))

    assert [type(outcome) for outcome in outcomes] == [Unknown, Delivered, Delivered]


def test_a_worker_whose_lease_is_void_enters_nothing(known: JorttHouse) -> None:
    """It finds out right before the body leaves."""

    def refuse(_: object) -> None:
        raise LeaseVoid

    with known.open() as destination, pytest.raises(LeaseVoid):
        list(destination.deliver(known.consignments([an_invoice()]), refuse))

    assert known.invoices()["INV-000001"] == 0


def test_a_jortt_that_does_not_answer_is_left_alone_for_a_while(known: JorttHouse) -> None:
    """Three are lost, and the others were not handed over."""
    known.jortt.faults.html_502(CREATE, times=3)

    with pytest.raises(TemporaryFailure, match="3 times in a row"):
        known.deliver(*map(an_invoice, range(101, 111)))

    assert sum(count for delivery, count in known.handed_over.items() if delivery > 100) == 3


def test_a_credit_note_waits_for_its_invoice(known: JorttHouse) -> None:
    """The invoice's answer is lost; then it is there as a draft that is still to be sent."""
    known.settings["status"] = "sent"
    known.jortt.faults.create_then_drop(CREATE)

    lost, waits = known.deliver(an_invoice(), a_credit_note(an_invoice()))
    [still] = known.deliver(a_credit_note(an_invoice()))

    assert isinstance(lost, Unknown)
    assert isinstance(waits, RetryLater)
    assert isinstance(still, RetryLater)
    assert known.invoices()["CN-000001"] == 0


def test_an_estimate_whose_answer_was_lost_is_found(known: JorttHouse) -> None:
    known.settings["document"] = "estimate"
    known.jortt.index.visible_after_searches = 100
    known.jortt.faults.create_then_drop("POST /v3/estimates")
    [lost] = known.deliver(a_billable_order())
    assert isinstance(lost, Unknown)

    assert isinstance(known.look_up(a_billable_order()), Delivered)

    assert len(known.organisation.estimates) == 1


def test_a_draft_that_is_found_is_still_to_be_sent(known: JorttHouse) -> None:
    known.settings["status"] = "sent"
    known.jortt.faults.create_then_drop(CREATE)
    known.deliver(an_invoice())

    found = known.look_up(an_invoice())

    assert found == PartlyThere((StepDone("document", known.invoice()["id"]),))
    known.steps[1] = {"document": known.invoice()["id"]}
    assert all_delivered(known.deliver(an_invoice()))
    assert known.invoice()["invoice_status"] == "sent"


def test_sending_whose_answer_was_lost_is_not_asked_for_again(known: JorttHouse) -> None:
    known.settings |= {"status": "sent", "send_method": "email"}
    known.jortt.faults.create_then_drop("POST /v3/invoices/")
    [lost] = known.deliver(an_invoice())
    assert isinstance(lost, Unknown)

    assert isinstance(known.look_up(an_invoice()), Delivered)

    assert len(known.organisation.mails) == 1


def test_sending_that_was_never_asked_for_is_asked_for_after_a_minute(known: JorttHouse) -> None:
    """A draft may be one that is being sent: it is looked at twice."""
    known.settings |= {"status": "sent", "send_method": "email"}
    known.jortt.faults.drop_before_create("POST /v3/invoices/")
    [lost] = known.deliver(an_invoice())
    assert isinstance(lost, Unknown)
    first = known.look_up(an_invoice())
    assert isinstance(first, RetryLater)
    assert first.after_s == 60

    second = known.look_up(an_invoice())

    assert isinstance(second, PartlyThere)
    assert all_delivered(known.deliver(an_invoice()))
    assert len(known.organisation.mails) == 1


def test_a_conflict_is_tried_again(known: JorttHouse) -> None:
    known.jortt.faults.status(409, CREATE, times=2)

    assert all_delivered(known.deliver(an_invoice()))

    assert known.invoices()["INV-000001"] == 1


def test_a_conflict_that_stays_waits(known: JorttHouse) -> None:
    known.jortt.faults.status(409, CREATE, times=3)

    [outcome] = known.deliver(an_invoice())

    assert isinstance(outcome, RetryLater)
    assert known.invoices()["INV-000001"] == 0


def test_a_limit_is_waited_for(known: JorttHouse) -> None:
    """Without Retry-After: a second and a little."""
    known.jortt.faults.status(429, CREATE)
    known.naps.clear()

    assert all_delivered(known.deliver(an_invoice()))

    assert 1 <= max(known.naps) <= 2


def test_a_draft_that_somebody_deleted_is_left_to_a_person(known: JorttHouse) -> None:
    known.steps[1] = {"document": "00000000-0000-4000-8000-000000000000"}

    [refused] = known.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "gone_there"


def test_two_documents_with_our_reference_are_left_to_a_person(known: JorttHouse) -> None:
    known.jortt.faults.create_then_drop(CREATE)
    known.deliver(an_invoice())
    known.jortt.add_invoice(known.organisation, known.customers()[0]["id"], reference="INV-000001")

    assert isinstance(known.look_up(an_invoice()), CannotTell)


def test_reading_that_fails_stops_the_visit_and_loses_nothing(known: JorttHouse) -> None:
    """The document is there and its step is recorded: the next visit reads it again."""
    known.jortt.faults.html_502("GET /v3/invoices/")
    with pytest.raises(TemporaryFailure):
        known.deliver(an_invoice())
    assert set(known.steps[1]) == {"document"}

    assert all_delivered(known.deliver(an_invoice()))

    assert known.invoices()["INV-000001"] == 1


def test_a_scope_that_is_missing_does_not_ask_for_tokens_without_end(known: JorttHouse) -> None:
    known.jortt.faults.status(401, CREATE, key="scopes.insufficient")
    before = sum(request.path.endswith("/token") for request in known.jortt.requests)

    [lost] = known.deliver(an_invoice())

    assert isinstance(lost, ConnectionLost)
    assert lost.code == "scope_missing"  # told at once
    assert "scopes.insufficient" in lost.reason
    assert sum(request.path.endswith("/token") for request in known.jortt.requests) == before


def test_a_token_that_was_revoked_is_renewed_and_the_call_made_again(known: JorttHouse) -> None:
    known.jortt.faults.status(401, CREATE, key="access_token.revoked")

    assert all_delivered(known.deliver(an_invoice()))

    assert known.invoices()["INV-000001"] == 1


def test_a_plan_without_the_api_parks_the_lane_with_the_next_step(known: JorttHouse) -> None:
    known.organisation.on_mkb_plan = False

    with pytest.raises(DomainError) as refusal:
        known.deliver(an_invoice())

    assert refusal.value.code == "plan_missing"


@pytest.mark.parametrize("lag", [0, 100])
@pytest.mark.parametrize("lost", ["POST", "PUT"])
def test_a_credit_note_whose_answer_was_lost_is_there_once(known: JorttHouse, lost: str, lag: int) -> None:
    """The draft that jortt made carries nothing of ours yet."""
    known.settings["status"] = "sent"
    assert all_delivered(known.deliver(an_invoice()))
    known.jortt.index.visible_after_searches = lag
    note = a_credit_note(an_invoice())
    known.jortt.faults.create_then_drop(f"{lost} /v3/invoices/")
    [unknown] = known.deliver(note)
    assert isinstance(unknown, Unknown)

    found = known.look_up(note)

    assert isinstance(found, PartlyThere)
    known.steps.setdefault(1001, {}).update({done.step: done.remote_id for done in found.steps})
    assert all_delivered(known.deliver(note))
    assert known.invoices() == {"INV-000009": 1, "INV-000001": 1, "CN-000001": 1}


@pytest.mark.parametrize("lost", ["POST", "PUT"])
def test_a_credit_note_that_never_arrived_is_made(known: JorttHouse, lost: str) -> None:
    known.settings["status"] = "sent"
    assert all_delivered(known.deliver(an_invoice()))
    note = a_credit_note(an_invoice())
    known.jortt.faults.drop_before_create(f"{lost} /v3/invoices/")
    [unknown] = known.deliver(note)
    assert isinstance(unknown, Unknown)
    assert isinstance(known.look_up(note), NotThere if lost == "POST" else PartlyThere)

    assert all_delivered(known.deliver(note))

    assert known.invoices() == {"INV-000009": 1, "INV-000001": 1, "CN-000001": 1}
