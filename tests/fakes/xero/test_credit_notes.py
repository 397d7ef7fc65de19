"""Credit notes, and applying them to invoices in a second call."""

import pytest
import requests

from tests.fakes.xero.client import Client, refusals
from tests.fakes.xero.samples import credit_note, invoice, line
from tests.fakes.xero.wire import Body


def allocate(client: Client, note: Body, document: Body, amount: float) -> requests.Response:
    body = {"Allocations": [{"Amount": amount, "Date": "2026-11-21", "Invoice": {"InvoiceID": document["InvoiceID"]}}]}
    return client.call("PUT", f"/CreditNotes/{note['CreditNoteID']}/Allocations", body)


def test_an_allocation_reduces_both_sides(client: Client) -> None:
    """Of a larger invoice: the note is used up and paid, the invoice still owes the rest."""
    owed = client.created("Invoices", invoice(client.organisation, LineItems=[line(30)]))
    note = client.created("CreditNotes", credit_note(client.organisation))

    answer = allocate(client, note, owed, 12)

    assert answer.status_code == 200
    credited, paid = client.organisation.invoices[0], client.organisation.credit_notes[0]
    assert (credited["Status"], credited["AmountDue"], credited["AmountCredited"]) == ("AUTHORISED", 24, 12)
    assert (paid["Status"], paid["RemainingCredit"]) == ("PAID", 0)


def test_the_same_allocation_does_not_fit_twice(client: Client) -> None:
    """Who repeats it without looking is told."""
    owed = client.created("Invoices", invoice(client.organisation))
    note = client.created("CreditNotes", credit_note(client.organisation))
    allocate(client, note, owed, 12)

    again = allocate(client, note, owed, 12)

    assert again.status_code == 400
    assert client.organisation.invoices[0]["AmountCredited"] == 12


@pytest.mark.parametrize("amount", [0, 12.01])
def test_an_amount_must_fit(client: Client, amount: float) -> None:
    """Neither nothing nor more than is left."""
    owed = client.created("Invoices", invoice(client.organisation, LineItems=[line(30)]))
    note = client.created("CreditNotes", credit_note(client.organisation))

    answer = allocate(client, note, owed, amount)

    assert refusals(answer) == ["The amount to allocate exceeds the remaining credit or the amount due."]


def test_a_draft_cannot_be_allocated(client: Client) -> None:
    """Only approved notes to approved invoices."""
    owed = client.created("Invoices", invoice(client.organisation))
    note = client.created("CreditNotes", credit_note(client.organisation, Status="DRAFT"))

    assert "Only approved credit notes can be allocated" in refusals(allocate(client, note, owed, 1))[0]


def test_an_invoice_with_a_credit_note_cannot_be_voided(client: Client) -> None:
    """And neither can the note."""
    owed = client.created("Invoices", invoice(client.organisation, LineItems=[line(30)]))
    note = client.created("CreditNotes", credit_note(client.organisation, LineItems=[line(20)]))
    allocate(client, note, owed, 12)

    voided = client.post(f"Invoices/{owed['InvoiceID']}", {"Status": "VOIDED"})
    voided_note = client.post(f"CreditNotes/{note['CreditNoteID']}", {"Status": "VOIDED"})

    refusal = "This document cannot be edited as it has a payment or credit note allocated to it."
    assert refusals(voided) == refusals(voided_note) == [refusal]


def test_credit_notes_take_no_discounts_and_no_second_number(client: Client) -> None:
    """Two rules of their own."""
    client.created("CreditNotes", credit_note(client.organisation))

    discounted = client.put("CreditNotes", credit_note(client.organisation, "CN-2", LineItems=[line(DiscountRate=5)]))
    repeated = client.put("CreditNotes", credit_note(client.organisation))

    assert refusals(discounted) == ["Discounts are not supported for this type of document."]
    assert refusals(repeated) == ["Credit note # must be unique."]
    assert client.organisation.effects(["CreditNotes"]) == {"ACME-CN-1": 1}
