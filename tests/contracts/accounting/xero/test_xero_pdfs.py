"""The PDF beside a credit note: after it is set off, once, whatever happens on the way."""

from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered, PartlyThere, Refused, RetryLater, StepDone, Unknown
from tests.contracts.accounting.xero.house import XeroHouse, a_credit_note, all_delivered, an_invoice
from tests.fakes.xero import faults

INVOICE = an_invoice()
NOTE = a_credit_note(INVOICE)
_PDFS = "/CreditNotes/*/Attachments/*"


@pytest.fixture
def shop(house: XeroHouse) -> XeroHouse:
    """Wants PDFs; its first invoice is there, with its own."""
    house.settings["attach_pdf"] = True
    assert all_delivered(house.deliver(INVOICE))
    return house


def pdfs(shop: XeroHouse) -> list[str]:
    """The files beside documents at Xero."""
    return [attachment.name for attachment in shop.organisation.attachments]


def uploads(shop: XeroHouse) -> int:
    """How many calls put one beside a credit note."""
    return len([call for call in shop.xero.calls.entries if call.method == "PUT" and "/CreditNotes/" in call.path and ".pdf" in call.path])


def test_one_setting_is_for_invoices_and_credit_notes(shop: XeroHouse) -> None:
    """The credit note is set off first: the books matter more than the paper."""
    [outcome] = shop.deliver(NOTE)

    assert isinstance(outcome, Delivered)
    assert outcome.detail == "Set off against INV-000001: 19.20."
    assert outcome.remote_url.endswith(f"creditNoteID={outcome.remote_id}")
    [_, attachment] = shop.organisation.attachments
    assert (attachment.document_id, attachment.name) == (shop.credit_note()["CreditNoteID"], "CN-000001.pdf")
    assert attachment.content == b"%PDF-1.7 CN-000001"
    assert set(shop.steps[1001]) == {"credit_note", "allocation"}
    puts = [call.path.split("/")[3:4] for call in shop.xero.calls.entries if call.method == "PUT" and "/CreditNotes/" in call.path]
    assert puts == [["Allocations"], ["Attachments"]]


@pytest.mark.parametrize("committed", [True, False])
def test_a_pdf_whose_answer_was_lost_is_looked_up(shop: XeroHouse, committed: bool) -> None:
    """What was set off is not set off again."""
    shop.xero.faults.next(_PDFS, faults.create_then_drop() if committed else faults.drop_before_create(), "PUT")
    assert isinstance(shop.deliver(NOTE)[0], Unknown)

    answer = shop.look_up(NOTE)

    assert isinstance(answer, Delivered if committed else PartlyThere)
    if not committed:
        assert all_delivered(shop.deliver(NOTE))
    assert pdfs(shop) == ["INV-000001.pdf", "CN-000001.pdf"]
    assert len(shop.credit_note()["Allocations"]) == 1
    assert shop.effects() == {"INV-000001": 1, "CN-000001": 1}


def test_an_allocation_whose_answer_was_lost_goes_on_with_the_pdf(shop: XeroHouse) -> None:
    """Both steps are found; only the paper is missing."""
    shop.xero.faults.next("/CreditNotes/*/Allocations", faults.create_then_drop(), "PUT")
    assert isinstance(shop.deliver(NOTE)[0], Unknown)

    answer = shop.look_up(NOTE)

    note_id = shop.credit_note()["CreditNoteID"]
    assert answer == PartlyThere((StepDone("credit_note", note_id), StepDone("allocation", note_id)))
    shop.steps[1001] = {done.step: done.remote_id for done in answer.steps}
    assert all_delivered(shop.deliver(NOTE))
    assert pdfs(shop) == ["INV-000001.pdf", "CN-000001.pdf"]
    assert len(shop.credit_note()["Allocations"]) == 1


def test_a_limit_before_the_pdf_leaves_no_doubt_about_the_allocation(shop: XeroHouse) -> None:
    """It is recorded before the paper goes."""
    shop.xero.faults.next(_PDFS, faults.throttle("minute", 30), "PUT")
    assert isinstance(shop.deliver(NOTE)[0], RetryLater)
    assert set(shop.steps[1001]) == {"credit_note", "allocation"}
    shop.clock.advance(seconds=31)

    [outcome] = shop.deliver(NOTE)

    assert isinstance(outcome, Delivered)
    assert "not set off" not in outcome.detail
    assert uploads(shop) == 1 + 1
    assert len(shop.credit_note()["Allocations"]) == 1


def test_an_open_credit_gets_its_pdf_and_says_that_it_is_open(shop: XeroHouse) -> None:
    """Also where the paper comes only at the second try."""
    shop.organisation.pay("INV-000001")
    shop.xero.faults.next(_PDFS, faults.drop_before_create(), "PUT")
    assert isinstance(shop.deliver(NOTE)[0], Unknown)
    answer = shop.look_up(NOTE)
    assert answer == PartlyThere((StepDone("credit_note", shop.credit_note()["CreditNoteID"]),))

    [outcome] = shop.deliver(NOTE)

    assert isinstance(outcome, Delivered)
    assert "was not set off" in outcome.detail
    assert pdfs(shop) == ["INV-000001.pdf", "CN-000001.pdf"]
    assert shop.credit_note()["RemainingCredit"] == Decimal("19.20")


def test_a_draft_gets_its_pdf_too(shop: XeroHouse) -> None:
    """It is not set off, and a lost answer is looked up all the same."""
    shop.settings["invoice_status"] = "draft"
    shop.xero.faults.next(_PDFS, faults.drop_before_create(), "PUT")
    assert isinstance(shop.deliver(NOTE)[0], Unknown)
    assert isinstance(shop.look_up(NOTE), PartlyThere)

    assert all_delivered(shop.deliver(NOTE))

    assert pdfs(shop) == ["INV-000001.pdf", "CN-000001.pdf"]
    assert shop.credit_note()["Allocations"] == []


def test_a_resend_puts_no_second_one_there(shop: XeroHouse) -> None:
    """A person asked for it, long after Xero forgot the keys."""
    shop.deliver(NOTE)
    shop.steps.clear()
    shop.clock.advance(minutes=10)

    assert all_delivered(shop.deliver(NOTE))

    assert uploads(shop) == 1
    assert len(shop.credit_note()["Allocations"]) == 1


def test_a_pdf_that_xero_refuses_leaves_the_credit_note_set_off(shop: XeroHouse) -> None:
    """A person is told which document it is about."""
    shop.xero.faults.next(_PDFS, faults.status(400, '{"Message": "The file is too large."}'), "PUT")

    [outcome] = shop.deliver(NOTE)

    assert isinstance(outcome, Refused)
    assert outcome.text == "The credit note is in Xero; its PDF was refused: The file is too large."
    assert shop.invoice()["AmountDue"] == 0
