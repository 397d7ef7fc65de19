"""What `deliveries resend` says of jortt (entrypoints/resending.py), sentence by sentence: a person has it sent a second time."""

from tests.contracts.accounting.jortt.house import JorttHouse, all_delivered, an_invoice


def resend(house: JorttHouse) -> None:
    """As a person asks for it: a sending of its own, which knows of no step."""
    house.steps.clear()
    assert all_delivered(house.deliver(an_invoice()))


def test_a_resend_finds_the_document_and_neither_makes_nor_sends_it_twice(house: JorttHouse) -> None:
    house.settings |= {"status": "sent", "send_method": "email"}
    resend(house)

    resend(house)

    assert house.invoices() == {"INV-000001": 1}
    assert len(house.organisation.mails) == 1


def test_a_resend_sends_what_is_a_draft_there(house: JorttHouse) -> None:
    resend(house)
    house.settings |= {"status": "sent", "send_method": "email"}

    resend(house)

    assert house.invoices() == {"INV-000001": 1}
    assert (house.invoice()["invoice_status"], len(house.organisation.mails)) == ("sent", 1)


def test_a_resend_makes_what_somebody_deleted_anew(house: JorttHouse) -> None:
    resend(house)
    for record in house.organisation.invoices.values():
        record.deleted = True

    resend(house)

    assert house.invoices() == {"INV-000001": 1}
    assert len(house.organisation.invoices) == 2
