"""The drift table of books at Xero that people worked in, and that each next step in it leads to clean books."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.reconciling.drift import Drift
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.credit_invoice import CreditInvoice
from application.use_cases.reconcile import Reconcile, ReconcileHandler
from tests.contracts.accounting.xero.house import CONTACT, PATH, XeroHouse, all_delivered, an_invoice
from tests.contracts.accounting.xero.shop import XeroLedgers, bill, found, reconcile
from tests.integration.use_cases.house import House, a_message

NOT_OWED = (
    "Bill it under another number: billhook invoices credit INV-000002 --reissue --reason 'Voided there'; "
    "if it is not owed any more, without --reissue"
)


def edit(house: XeroHouse, plural: str, number: str, **changes: Any) -> None:
    """Somebody works in the books."""
    table = house.organisation.tables[plural]
    [record] = [each for each in table.rows() if each[table.number_name] == number]
    table.save({**record, **changes, "UpdatedDateUTC": house.clock.now()})


def drift(shop: House, house: XeroHouse) -> dict[str, Drift]:
    """The table, by number."""
    [result] = reconcile(shop, house).results
    assert result.findings is not None, result.error
    return {each.number: each for each in result.findings.drift}


def act(shop: House, action: Action, *delivery_ids: int) -> None:
    """A person's step on deliveries; then the lane is drained."""
    command = ChangeDeliveries(action, "ann", "as the table says", delivery_ids)
    change = ChangeDeliveriesHandler(shop.units_of_work, shop.destinations, shop.hints, shop.clock)
    assert all(each.changed for each in change(command))
    shop.drain(PATH)
    shop.clock.advance(minutes=10)


def credit(shop: House, number: str, *, reissue: bool) -> None:
    """As `billhook invoices credit`; then the lane is drained."""
    shop.credit_invoice(CreditInvoice(number, "voided there", "ann", reissue=reissue))
    shop.drain(PATH)
    shop.clock.advance(minutes=10)


def test_every_drift_of_a_day_is_in_the_table_with_both_values(shop: House, house: XeroHouse) -> None:
    """Renumbered, voided, changed, moved to somebody else, entered by hand; what is as it was is not told."""
    bill(shop, house, "1", "2", "3", "4", "5")
    stranger = house.organisation.add_contact("Stranger Ltd")
    edit(house, "Invoices", "INV-000001", InvoiceNumber="OLD-1")
    edit(house, "Invoices", "INV-000002", Status="VOIDED")
    edit(house, "Invoices", "INV-000003", SubTotal=Decimal("16.50"), TotalTax=Decimal("3.30"), Total=Decimal("19.80"))
    edit(house, "Invoices", "INV-000004", Contact={"ContactID": stranger["ContactID"], "Name": "Stranger Ltd"})

    table = drift(shop, house)

    assert {number: (each.kind.value, each.detail, each.next_step) for number, each in table.items()} == {
        "INV-000001": (
            "different",
            "number OLD-1 there, INV-000001 here",
            "Give it the number INV-000001 there again. Do not resend it: it would be booked twice.",
        ),
        "INV-000002": (
            "voided",
            "It is void there, and counts here.",
            NOT_OWED,
        ),
        "INV-000003": (
            "different",
            "net 16.50 there, 16.00 here; tax 3.30 there, 3.20 here; total 19.80 there, 19.20 here",
            "Put it right there, or void it there and then: billhook invoices credit INV-000003 --reissue --reason 'Differed there'",
        ),
        "INV-000004": (
            "different",
            f"contact Stranger Ltd there, {CONTACT} here",
            "Put it right there, or void it there and then: billhook invoices credit INV-000004 --reissue --reason 'Differed there'",
        ),
    }


def test_what_is_missing_is_there_again_after_its_step(shop: House, house: XeroHouse) -> None:
    """Under its own number, which nobody has any more."""
    bill(shop, house, "1")
    house.organisation.tables["Invoices"].forget(house.invoice()["InvoiceID"])
    missing = drift(shop, house)["INV-000001"]

    act(shop, Action.RESEND, 1)

    assert (missing.kind.value, missing.next_step) == ("missing", "billhook deliveries resend dlv_1 --reason 'Missing there'")
    assert found(reconcile(shop, house)) == {}
    assert [each["InvoiceNumber"] for each in house.organisation.invoices] == ["INV-000001"]


@pytest.mark.parametrize("plural", ["Invoices", "CreditNotes"])
def test_what_somebody_renumbered_is_never_booked_twice(shop: House, house: XeroHouse, plural: str) -> None:
    """Whoever resends it all the same is told where it is. With its own number it goes on."""
    bill(shop, house, "1")
    credit(shop, "INV-000001", reissue=False)
    delivery = shop.deliveries()[("Invoices", "CreditNotes").index(plural)]
    number_name = house.organisation.tables[plural].number_name
    [number] = [each[number_name] for each in house.organisation.tables[plural].rows()]
    edit(house, plural, number, **{number_name: "OLD-1"})
    assert drift(shop, house)[number].detail == f"number OLD-1 there, {number} here"

    act(shop, Action.RESEND, delivery.delivery_id)
    refused = shop.deliveries()[("Invoices", "CreditNotes").index(plural)]
    edit(house, plural, "OLD-1", **{number_name: number})
    act(shop, Action.RETRY, delivery.delivery_id)

    assert refused.last_error.startswith(f"renumbered_there: {number} is in Xero under the number OLD-1")
    assert refused.next_step.endswith(f"billhook deliveries retry dlv_{delivery.delivery_id}")
    assert len(house.organisation.tables[plural].rows()) == 1
    assert shop.states() == ["delivered", "delivered"]
    assert found(reconcile(shop, house)) == {}


def test_what_was_renumbered_and_voided_is_booked_anew(shop: House, house: XeroHouse) -> None:
    """It counts there no more, and its number is free."""
    bill(shop, house, "1")
    edit(house, "Invoices", "INV-000001", InvoiceNumber="OLD-1", Status="VOIDED")
    assert found(reconcile(shop, house)) == {"INV-000001": "missing"}

    act(shop, Action.RESEND, 1)

    assert found(reconcile(shop, house)) == {}
    assert [(each["InvoiceNumber"], each["Status"]) for each in house.organisation.invoices] == [
        ("OLD-1", "VOIDED"),
        ("INV-000001", "AUTHORISED"),
    ]


@pytest.mark.parametrize("reissue", [True, False])
def test_what_is_void_is_settled_by_its_step(shop: House, house: XeroHouse, reissue: bool) -> None:
    """The credit note has nothing to take back there, and is left out as its refusal says; with --reissue there is a new invoice."""
    bill(shop, house, "1")
    edit(house, "Invoices", "INV-000001", Status="VOIDED")
    if not reissue:
        shop.feed(a_message("1", status=128, status_name="Cancelled", version=2))

    credit(shop, "INV-000001", reissue=reissue)
    between = drift(shop, house)
    [note] = [each for each in shop.deliveries() if each.subject == "credit_note"]
    act(shop, Action.CANCEL, note.delivery_id)

    assert [between["CN-000001"].kind.value, *(each for each in between if each != "CN-000001")] == ["missing"]
    assert between["CN-000001"].next_step.startswith(f"Leave it out: billhook deliveries cancel dlv_{note.delivery_id}")
    assert found(reconcile(shop, house)) == {}
    standing = [each["InvoiceNumber"] for each in house.organisation.invoices if each["Status"] == "AUTHORISED"]
    assert standing == (["INV-000002"] if reissue else [])


def test_a_void_invoice_whose_credit_note_counts_there_is_told(shop: House, house: XeroHouse) -> None:
    """It would take the amount back a second time."""
    bill(shop, house, "1")
    credit(shop, "INV-000001", reissue=False)
    assert found(reconcile(shop, house)) == {}

    edit(house, "Invoices", "INV-000001", Status="VOIDED")

    assert found(reconcile(shop, house)) == {"INV-000001": "voided"}


def test_a_credit_note_is_told_of_and_can_be_left_out(shop: House, house: XeroHouse) -> None:
    """Its number is used up there, and nothing takes a credit note back here."""
    bill(shop, house, "1")
    credit(shop, "INV-000001", reissue=False)
    edit(house, "CreditNotes", "CN-000001", Status="VOIDED", Allocations=[])

    voided = drift(shop, house)["CN-000001"]
    act(shop, Action.RESEND, voided.delivery_id)
    act(shop, Action.CANCEL, voided.delivery_id)

    assert voided.next_step == (
        "Find out who voided it, and enter it there by hand under another number. Then, to leave this one out: billhook deliveries resend "
        f"dlv_{voided.delivery_id} --reason 'Voided by mistake', which is refused, and billhook deliveries cancel dlv_{voided.delivery_id}"
    )
    assert found(reconcile(shop, house)) == {}


def test_a_draft_that_was_deleted_is_sent_again(shop: House, house: XeroHouse) -> None:
    """Xero gives the number of a deleted draft back."""
    house.settings["invoice_status"] = "draft"
    bill(shop, house, "1")
    edit(house, "Invoices", "INV-000001", Status="DELETED")

    deleted = drift(shop, house)["INV-000001"]
    act(shop, Action.RESEND, deleted.delivery_id)

    assert "billhook deliveries resend dlv_1 --reason 'Voided by mistake'" in deleted.next_step
    assert shop.states() == ["delivered"]
    assert [each["Status"] for each in house.organisation.invoices] == ["DELETED", "DRAFT"]


def test_a_contact_that_was_renamed_merged_or_changed_in_the_settings_is_no_drift(shop: House, house: XeroHouse) -> None:
    """The contact is known by its id; Xero says which one it was merged into; documents stay with whom they were sent to."""
    bill(shop, house, "1")
    contacts = house.organisation.tables["Contacts"]
    [first] = [each for each in contacts.rows() if each["Name"] == CONTACT]
    contacts.save({**first, "Name": "Gift Shop Limited"})
    renamed = found(reconcile(shop, house))

    house.settings["contact_name"] = "New Shop Ltd"
    house.organisation.add_contact("New Shop Ltd")
    repointed = found(reconcile(shop, house))

    merged_into = house.organisation.add_contact("Everything Ltd")
    contacts.save({**first, "ContactStatus": "ARCHIVED", "MergedToContactID": merged_into["ContactID"]})
    edit(house, "Invoices", "INV-000001", Contact={"ContactID": merged_into["ContactID"], "Name": "Everything Ltd"})
    merged = found(reconcile(shop, house))

    assert (renamed, repointed, merged) == ({}, {}, {})


def test_the_contact_of_a_document_that_was_looked_up_is_compared_too(shop: House, house: XeroHouse) -> None:
    """Its answer was lost."""
    from tests.fakes.xero import faults  # noqa: PLC0415 - only here

    house.xero.faults.next("/Invoices", faults.create_then_drop(), "PUT")
    bill(shop, house, "1")
    shop.drain(PATH)
    stranger = house.organisation.add_contact("Stranger Ltd")
    house.clock.advance(minutes=2)
    assert (shop.states(), found(reconcile(shop, house))) == (["delivered"], {})

    edit(house, "Invoices", "INV-000001", Contact={"ContactID": stranger["ContactID"], "Name": "Stranger Ltd"})

    assert drift(shop, house)["INV-000001"].detail == f"contact Stranger Ltd there, {CONTACT} here"


def test_a_contact_of_before_this_was_kept_is_not_guessed(shop: House, house: XeroHouse) -> None:
    """Documents that were delivered by an earlier version."""
    bill(shop, house, "1")
    with shop.units_of_work() as uow:
        uow.remote_links.remove(f"xero:{house.organisation.tenant_id}", "billed_to", "Invoices INV-000001")
        uow.commit()
    stranger = house.organisation.add_contact("Stranger Ltd")
    edit(house, "Invoices", "INV-000001", Contact={"ContactID": stranger["ContactID"], "Name": "Stranger Ltd"})

    assert found(reconcile(shop, house)) == {}


def test_only_what_changed_is_read_and_a_drift_of_then_is_found(shop: House, house: XeroHouse) -> None:
    """Modified since, on both sides."""
    bill(shop, house, "1")
    house.clock.advance(hours=5)
    since = house.clock.now()
    house.clock.advance(minutes=1)
    bill(shop, house, "2")
    edit(house, "Invoices", "INV-000002", Status="VOIDED")
    asked = len(house.xero.calls.of("GET", "/Invoices"))

    report = ReconcileHandler(shop.units_of_work, XeroLedgers(house), shop.clock)(Reconcile("ann", since=since))

    [call] = house.xero.calls.of("GET", "/Invoices")[asked:]
    assert call.headers["if-modified-since"] == (since - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert found(report) == {"INV-000002": "voided"}


def test_books_of_more_than_a_page_are_read_to_their_end(house: XeroHouse) -> None:
    """A thousand in a call, and then the rest."""
    for start in range(1, 1002, 50):
        assert all_delivered(house.deliver(*map(an_invoice, range(start, min(start + 50, 1002)))))
    before = house.xero.calls.by_path()["GET /Invoices"]

    with house.open_ledger() as ledger:
        numbers = {document.number for document in ledger.documents(None)}

    assert len(numbers) == 1001
    assert house.xero.calls.by_path()["GET /Invoices"] == before + 2
