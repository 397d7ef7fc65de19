"""Credit notes in Fortnox: made by Fortnox where it can, else of our own."""

from dataclasses import replace

from domain.delivery.outcome import Delivered, PartlyThere, Refused, StepDone, Unknown
from domain.invoicing.document import OrderReference
from tests.contracts.accounting.fortnox.house import FortnoxHouse, a_credit_note, all_delivered, an_invoice
from tests.fakes.fortnox import invoices

INVOICE = an_invoice()
NOTE = a_credit_note(INVOICE)


def booked(house: FortnoxHouse) -> None:
    """The invoice is there, and an accountant has booked it."""
    assert all_delivered(house.deliver(INVOICE))
    invoices.bookkeep(house.company, "1")


def test_a_booked_invoice_is_credited_by_fortnox_itself(house: FortnoxHouse) -> None:
    booked(house)

    [outcome] = house.deliver(NOTE)

    assert isinstance(outcome, Delivered)
    credit = house.invoice("CN-000001")
    assert (credit["Credit"], credit["CreditInvoiceReference"], credit["Net"]) == ("true", "1", -15.99)
    assert house.invoice("INV-000001")["CreditInvoiceReference"] == outcome.remote_id
    assert len(house.fortnox.effects("credited")) == 1


def test_an_invoice_that_is_not_booked_is_credited_by_an_invoice_below_zero(house: FortnoxHouse) -> None:
    house.deliver(INVOICE)

    assert all_delivered(house.deliver(NOTE))

    credit = house.invoice("CN-000001")
    assert (credit["Net"], credit["TotalVAT"], credit["Total"]) == (-15.99, -4.01, -20)
    assert [row["DeliveredQuantity"] for row in credit["InvoiceRows"]] == ["-2", "-1", "1"]
    assert credit["Remarks"] == "Credit note CN-000001 for invoice INV-000001"
    assert house.fortnox.effects("credited") == []


def test_a_part_of_a_booked_invoice_is_credited_by_an_invoice_below_zero(house: FortnoxHouse) -> None:
    booked(house)
    lines = INVOICE.draft.lines
    both = replace(
        INVOICE.draft, orders=(*INVOICE.draft.orders, OrderReference("90099")), lines=(lines[0], replace(lines[1], order_ref="90099"))
    )
    part = a_credit_note(replace(INVOICE, draft=both), orders=("90099",))

    assert all_delivered(house.deliver(part))

    assert (house.invoice("CN-000001")["Net"], house.invoice("CN-000001")["Total"]) == (-3.5, -4.38)
    assert house.invoice("INV-000001")["CreditInvoiceReference"] == "0"


def test_a_credit_whose_answer_was_lost_is_found_by_its_invoice_and_gets_our_references(house: FortnoxHouse) -> None:
    booked(house)
    house.fortnox.faults.create_then_drop("/3/invoices/1/credit", "PUT")
    assert isinstance(house.deliver(NOTE)[0], Unknown)

    assert house.look_up(NOTE) == PartlyThere((StepDone("document", "2"),))
    house.steps[1001] = {"document": "2"}

    assert all_delivered(house.deliver(NOTE))
    assert house.invoice("CN-000001")["DocumentNumber"] == "2"
    assert len(house.fortnox.effects("credited")) == 1


def test_references_that_were_lost_on_the_way_are_given_again(house: FortnoxHouse) -> None:
    booked(house)
    house.fortnox.faults.drop_before_create("/3/invoices/2", "PUT")
    assert isinstance(house.deliver(NOTE)[0], Unknown)
    assert house.look_up(NOTE) == PartlyThere((StepDone("document", "2"),))

    assert all_delivered(house.deliver(NOTE))

    assert isinstance(house.look_up(NOTE), Delivered)
    assert len(house.fortnox.effects("credited")) == 1


def test_a_look_up_of_the_invoice_does_not_take_its_credit_for_it(house: FortnoxHouse) -> None:
    """Fortnox copies the references, and lists do not say which is the credit."""
    booked(house)
    invoices.credit(house.company, "1")

    found = house.look_up(INVOICE)

    assert isinstance(found, Delivered)
    assert found.remote_id == "1"


def test_a_credit_that_a_person_made_is_taken_for_ours(house: FortnoxHouse) -> None:
    booked(house)
    invoices.credit(house.company, "1")

    assert all_delivered(house.deliver(NOTE))

    assert house.invoice("CN-000001")["DocumentNumber"] == "2"
    assert len(house.company.invoices) == 2


def test_a_credit_note_is_mailed_where_documents_are_sent(house: FortnoxHouse) -> None:
    house.settings |= {"status": "sent"}
    booked(house)

    assert all_delivered(house.deliver(NOTE))

    assert [mail.number for mail in house.fortnox.emails_sent] == ["1", "2"]


def test_a_credit_note_without_its_invoice_waits_for_a_person(house: FortnoxHouse) -> None:
    [refused] = house.deliver(NOTE)

    assert isinstance(refused, Refused)
    assert refused.code == "invoice_missing"


def test_a_credit_note_for_a_cancelled_invoice_has_nothing_to_credit(house: FortnoxHouse) -> None:
    house.deliver(INVOICE)
    invoices.cancel(house.company, "1")

    [refused] = house.deliver(NOTE)

    assert isinstance(refused, Refused)
    assert refused.code == "invoice_cancelled"
    assert refused.next_step.endswith("billhook deliveries delivered {delivery}")
