"""What `deliveries resend` says of Fortnox (entrypoints/resending.py), sentence by sentence: a person has it sent a second time."""

from tests.contracts.accounting.fortnox.house import FortnoxHouse, all_delivered, an_invoice


def resend(house: FortnoxHouse) -> None:
    """As a person asks for it: a sending of its own, which knows of no step."""
    house.steps.clear()
    assert all_delivered(house.deliver(an_invoice()))


def test_a_resend_finds_the_document_and_neither_makes_nor_mails_it_twice(house: FortnoxHouse) -> None:
    house.settings |= {"status": "sent"}
    resend(house)

    resend(house)

    assert house.created() == ["INV-000001"]
    assert len(house.fortnox.emails_sent) == 1


def test_a_resend_sends_what_was_not_sent(house: FortnoxHouse) -> None:
    """It was left a draft, and is to be mailed now."""
    resend(house)
    house.settings |= {"status": "sent"}

    resend(house)

    assert house.created() == ["INV-000001"]
    assert len(house.fortnox.emails_sent) == 1


def test_a_resend_makes_what_was_cancelled_anew(house: FortnoxHouse) -> None:
    resend(house)
    house.invoice()["Cancelled"] = True

    resend(house)

    assert house.created() == ["INV-000001"] * 2
