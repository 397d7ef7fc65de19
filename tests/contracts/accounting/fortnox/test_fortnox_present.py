"""What Fortnox has already is not entered again, whoever entered it and whatever we remember (seed 003: exists? skip)."""

from typing import Any

import pytest

from adapters.accounting.fortnox.present import stems
from domain.delivery.outcome import Delivered, Refused
from domain.invoicing.document import Issued
from tests.contracts.accounting.fortnox.house import FortnoxHouse, a_credit_note, all_delivered, an_invoice, an_order_of


def forget_all(house: FortnoxHouse) -> None:
    """As after a backup of the database was brought back."""
    house.steps.clear()
    with house.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM remote_links")


def entered_by_a_person(house: FortnoxHouse, *, price: str = "6.25", reference: str = "INV-000001") -> dict[str, Any]:
    """INV-000001 typed into Fortnox, under its number and nothing else of ours."""
    rows = [
        {"Description": "T-shirt", "DeliveredQuantity": "2", "Price": price, "VAT": 25},
        {"Description": "Frakt", "DeliveredQuantity": "1", "Price": 3.5, "VAT": 25},
        {"Description": "Öresavrundning", "DeliveredQuantity": "1", "Price": -0.01, "VAT": 0},
    ]
    house.fortnox.set_up("1000", "customers", CustomerNumber="77", Name="Zoë Ångström", Email="zoe@example.com")
    given = {"CustomerNumber": "77", "ExternalInvoiceReference1": reference, "InvoiceRows": rows}
    return house.fortnox.set_up("1000", "invoices", **given)


def test_a_document_of_ours_is_found_although_we_forgot_it(house: FortnoxHouse) -> None:
    """An invoice and the credit note over it; neither is entered or mailed again."""
    house.settings |= {"status": "sent"}
    documents = (an_invoice(), a_credit_note(an_invoice()))
    assert all_delivered([*house.deliver(documents[0]), *house.deliver(documents[1])])
    forget_all(house)

    assert all_delivered(house.deliver(*documents))

    assert house.created() == ["INV-000001", "CN-000001"]
    assert len(house.fortnox.emails_sent) == 2


def test_an_order_of_ours_is_found_although_we_forgot_it(house: FortnoxHouse) -> None:
    house.settings |= {"document": "order"}
    house.deliver(an_order_of())
    forget_all(house)

    [outcome] = house.deliver(an_order_of())

    assert isinstance(outcome, Delivered)
    assert "there already" in outcome.detail
    assert house.created("orders") == ["90001"]


def test_what_a_person_entered_under_our_number_is_taken_for_the_same(house: FortnoxHouse) -> None:
    """It gets our second reference, by which the books are compared."""
    number = entered_by_a_person(house)["DocumentNumber"]

    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    assert outcome.remote_id == number
    assert house.created() == []
    assert house.invoice()["ExternalInvoiceReference2"] == "billhook:invoice:seller-se:INV-000001"


def test_other_figures_under_our_number_are_left_to_a_person(house: FortnoxHouse) -> None:
    number = entered_by_a_person(house, price="7.25")["DocumentNumber"]

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "reference_taken"
    assert "Net 17.99 there, 16.00 here" in refused.text
    assert "billhook deliveries delivered {delivery}" in refused.next_step
    assert house.steps == house.handed_over == {}
    house.company.invoices[number]["ExternalInvoiceReference1"] = ""
    assert all_delivered(house.deliver(an_invoice()))
    assert house.created() == ["INV-000001"]


def test_what_was_booked_under_our_number_can_have_no_reference_of_ours_any_more(house: FortnoxHouse) -> None:
    number = entered_by_a_person(house)["DocumentNumber"]
    house.company.invoices[number]["Booked"] = True

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert (refused.code, "it is booked" in refused.text) == ("reference_taken", True)


def test_two_documents_under_our_number_are_left_to_a_person(house: FortnoxHouse) -> None:
    house.deliver(an_invoice())
    entered_by_a_person(house)
    forget_all(house)

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "documents_double"
    assert "1, 2" in refused.text


def test_a_number_that_only_begins_like_ours_is_another(house: FortnoxHouse) -> None:
    """Fortnox's filter finds INV-000001 in INV-0000011."""
    entered_by_a_person(house, reference="INV-0000011")

    assert all_delivered(house.deliver(an_invoice()))

    assert house.created() == ["INV-000001"]


def test_a_whole_batch_costs_few_questions(house: FortnoxHouse) -> None:
    """Half of it is there already."""
    documents: list[Issued] = [an_invoice(number) for number in range(1, 51)]
    house.deliver(*documents[:25])
    forget_all(house)

    assert all_delivered(house.deliver(*documents))

    assert len(house.created()) == 50
    assert house.company.calls["GET", "/3/invoices"] == 2


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], []),
        (["INV-000001"], ["INV-000001"]),
        (["INV-000001", "INV-000002"], ["INV-00000"]),
        ([f"INV-{number:06d}" for number in range(990, 1010)], ["INV-00099", "INV-00100"]),
        (["7", "8"], ["7", "8"]),
        (["WEB-KXQ-1", "EBAY-77-2"], ["EBAY-77-2", "WEB-KXQ-1"]),
    ],
)
def test_questions_are_few_and_never_for_everything(keys: list[str], expected: list[str]) -> None:
    """A beginning of each, as long as it can be and no shorter than three signs."""
    assert stems(keys) == expected
