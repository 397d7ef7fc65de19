"""A credit note, then its allocation to the invoice it corrects."""

from decimal import Decimal
from uuid import UUID

import pytest

from domain.delivery.outcome import Delivered, NotThere, PartlyThere, Refused, StepDone, Unknown
from tests.contracts.accounting.xero.house import XeroHouse, a_credit_note, all_delivered, an_invoice
from tests.fakes.xero import faults


def test_a_credit_note_is_set_off_against_its_invoice(house: XeroHouse) -> None:
    invoice = an_invoice()

    outcomes = house.deliver(invoice, a_credit_note(invoice))

    assert all_delivered(outcomes)
    assert "Set off against INV-000001: 19.20" in outcomes[1].detail
    assert house.credit_note()["Status"] == "PAID"
    assert house.credit_note()["Reference"] == "INV-000001: 90001"
    assert house.invoice()["AmountDue"] == 0
    assert house.effects() == {"INV-000001": 1, "CN-000001": 1}


def test_a_credit_note_whose_answer_was_lost_goes_on_with_its_allocation(house: XeroHouse) -> None:
    invoice = an_invoice()
    note = a_credit_note(invoice)
    house.deliver(invoice)
    house.xero.faults.next("/CreditNotes", faults.create_then_drop(), "PUT")
    assert isinstance(house.deliver(note)[0], Unknown)

    answer = house.look_up(note)

    assert answer == PartlyThere((StepDone("credit_note", house.credit_note()["CreditNoteID"]),))
    house.steps[1001] = {"credit_note": house.credit_note()["CreditNoteID"]}
    assert all_delivered(house.deliver(note))
    assert house.invoice()["AmountDue"] == 0
    assert house.effects() == {"INV-000001": 1, "CN-000001": 1}


@pytest.mark.parametrize("committed", [True, False])
def test_an_allocation_whose_answer_was_lost_is_looked_up(house: XeroHouse, committed: bool) -> None:
    invoice = an_invoice()
    note = a_credit_note(invoice)
    house.deliver(invoice)
    fault = faults.create_then_drop() if committed else faults.drop_before_create()
    house.xero.faults.next("/CreditNotes/*/Allocations", fault, "PUT")
    [first] = house.deliver(note)
    assert isinstance(first, Unknown)

    answer = house.look_up(note)

    assert isinstance(answer, Delivered if committed else PartlyThere)
    if not committed:
        assert all_delivered(house.deliver(note))
    assert len(house.credit_note()["Allocations"]) == 1
    assert house.invoice()["AmountDue"] == 0


def test_a_credit_note_never_arrived_is_not_there(house: XeroHouse) -> None:
    invoice = an_invoice()
    house.deliver(invoice)

    assert house.look_up(a_credit_note(invoice)) == NotThere()


def test_a_credit_note_for_a_paid_invoice_stays_an_open_credit_and_says_so(house: XeroHouse) -> None:
    invoice = an_invoice()
    house.deliver(invoice)
    house.organisation.tables["Invoices"].save({**house.invoice(), "Status": "PAID", "AmountDue": Decimal(0)})

    [outcome] = house.deliver(a_credit_note(invoice))

    assert isinstance(outcome, Delivered)
    assert "was not set off" in outcome.detail
    assert "PAID" in outcome.detail
    assert house.credit_note()["RemainingCredit"] == Decimal("19.20")


def test_a_part_payment_leaves_the_rest_as_an_open_credit(house: XeroHouse) -> None:
    invoice = an_invoice()
    house.deliver(invoice)
    paid = {**house.invoice(), "AmountPaid": Decimal("10.00"), "AmountDue": Decimal("9.20")}
    house.organisation.tables["Invoices"].save(paid)

    [outcome] = house.deliver(a_credit_note(invoice))

    assert isinstance(outcome, Delivered)
    assert "9.20; 10.00 of it is an open credit" in outcome.detail
    assert house.credit_note()["RemainingCredit"] == Decimal("10.00")


def test_nothing_is_credited_where_the_invoice_is_not_in_xero(house: XeroHouse) -> None:
    [outcome] = house.deliver(a_credit_note(an_invoice()))

    assert isinstance(outcome, Refused)
    assert outcome.code == "invoice_missing"
    assert house.effects() == {}


def test_nothing_is_credited_twice_where_the_invoice_was_voided(house: XeroHouse) -> None:
    invoice = an_invoice()
    house.deliver(invoice)
    house.organisation.tables["Invoices"].save({**house.invoice(), "Status": "VOIDED"})

    [outcome] = house.deliver(a_credit_note(invoice))

    assert isinstance(outcome, Refused)
    assert outcome.code == "invoice_voided"
    assert house.effects() == {"INV-000001": 1}


def test_a_draft_is_not_set_off(house: XeroHouse) -> None:
    house.settings["invoice_status"] = "draft"
    invoice = an_invoice()

    assert all_delivered(house.deliver(invoice, a_credit_note(invoice)))

    assert house.credit_note()["Status"] == "DRAFT"
    assert house.credit_note()["Allocations"] == []


def test_a_resend_of_a_credit_note_changes_nothing(house: XeroHouse) -> None:
    invoice = an_invoice()
    house.deliver(invoice, a_credit_note(invoice))
    house.steps.clear()

    [again] = house.deliver(a_credit_note(invoice))

    assert isinstance(again, Delivered)
    assert house.effects() == {"INV-000001": 1, "CN-000001": 1}
    assert len(house.credit_note()["Allocations"]) == 1


def test_two_credit_notes_of_a_visit_take_no_more_than_the_invoice_owes(house: XeroHouse) -> None:
    """What the first one took is counted off, and the second says what is left of it."""
    invoice = an_invoice()
    house.deliver(invoice)

    first, second = house.deliver(a_credit_note(invoice, 1), a_credit_note(invoice, 2))

    assert isinstance(first, Delivered)
    assert isinstance(second, Delivered)
    assert "with nothing open" in second.detail
    puts = [call for call in house.xero.calls.entries if call.method == "PUT" and call.path.endswith("/Allocations")]
    assert len(puts) == 1


def test_a_credit_note_of_a_day_with_more_than_a_page_is_found(house: XeroHouse) -> None:
    """It is asked for by its number then."""
    invoice = an_invoice()
    note = a_credit_note(invoice, 2)
    assert all_delivered(house.deliver(invoice, a_credit_note(invoice, 1)))
    notes = house.organisation.tables["CreditNotes"]
    other = house.credit_note()
    for number in range(1000):
        notes.save({**other, "CreditNoteID": str(UUID(int=number)), "CreditNoteNumber": f"OTHER-{number}"})
    house.xero.faults.next("/CreditNotes", faults.create_then_drop(), "PUT")
    assert isinstance(house.deliver(note)[0], Unknown)

    answer = house.look_up(note)

    assert isinstance(answer, PartlyThere)
