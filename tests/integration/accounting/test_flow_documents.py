"""What stands for an order at the source, chosen by kind, status and day: Fortnox's orders or invoices, jortt's invoices or estimates."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.companies.flow import Flow, FlowDocument
from tests.fakes.fortnox.caller import Caller
from tests.integration.accounting.two_books import JORTT, TENANT, TO_FORTNOX, TO_JORTT, TwoBooks

INVOICES_TO_JORTT = replace(TO_JORTT, document=FlowDocument.INVOICE)
PAID = replace(INVOICES_TO_JORTT, statuses=("paid",))


def refs(books: TwoBooks, flow: Any) -> list[str]:
    """What a run takes."""
    report = books.run(flow)
    assert report.problems == []
    return [each.ref for each in report.taken]


def test_fortnox_invoices_come_over_and_no_order_with_the_same_number(books: TwoBooks) -> None:
    """Orders and invoices are numbered alike there, and are not mistaken for each other."""
    books.declare(TO_JORTT)
    books.add_fortnox_order()
    assert refs(books, TO_JORTT) == ["out-1"]

    books.declare(INVOICES_TO_JORTT)
    books.add_fortnox_invoice()
    assert refs(books, INVOICES_TO_JORTT) == ["out-invoice-1"]
    books.round()

    assert Counter(each["reference"] for each in books.invoices_there()) == {"out-1": 1, "out-invoice-1": 1}


def test_a_fortnox_invoice_comes_over_once_it_is_paid(books: TwoBooks) -> None:
    """Although Fortnox may not say that it changed: paid ones are asked for."""
    books.declare(PAID)
    draft, first, second = (books.add_fortnox_invoice() for _ in range(3))
    books.book(first)
    books.book(second, balance=0)
    assert refs(books, PAID) == [f"out-invoice-{second}"]

    books.book(first, balance=0)

    assert refs(books, PAID) == [f"out-invoice-{first}"]
    assert refs(books, PAID) == []
    assert not books.tenant.invoices[draft]["Booked"]


def test_what_was_paid_before_is_not_read_again(books: TwoBooks) -> None:
    """A round asks for the list of paid ones, and for none of them that it has."""
    books.declare(PAID)
    for _ in range(3):
        books.book(books.add_fortnox_invoice(), balance=0)
    assert len(refs(books, PAID)) == 3
    for invoice in books.tenant.invoices.values():
        invoice.modified_at -= timedelta(days=1)
    before = len(books.fortnox.requests)

    assert refs(books, PAID) == []

    asked = [request.path for request in books.fortnox.requests[before:] if request.path.startswith("/3/")]
    assert asked == ["/3/invoices", "/3/invoices"]


def test_a_credit_note_of_fortnox_is_no_order(books: TwoBooks) -> None:
    """Nor is the invoice taken again because it was credited: the target has its own."""
    books.declare(INVOICES_TO_JORTT)
    number = books.add_fortnox_invoice()
    books.book(number)
    assert refs(books, INVOICES_TO_JORTT) == [f"out-invoice-{number}"]

    with Caller(books.fortnox, TENANT) as person:
        person.put(f"invoices/{number}/credit").raise_for_status()

    assert refs(books, INVOICES_TO_JORTT) == []
    assert len(books.tenant.invoices) == 2


def test_the_invoice_of_an_order_that_came_from_jortt_does_not_go_back(books: TwoBooks) -> None:
    """Whether or not Fortnox copies our marks to it."""
    books.declare(TO_FORTNOX, INVOICES_TO_JORTT)
    books.add_jortt_invoice()
    books.round()
    [order] = books.orders_there()
    with Caller(books.fortnox, TENANT) as person:
        person.put(f"orders/{order['DocumentNumber']}/createinvoice").raise_for_status()
    [invoice] = books.tenant.invoices.values()
    invoice |= {"ExternalInvoiceReference1": "", "ExternalInvoiceReference2": ""}

    books.round()

    assert books.run(INVOICES_TO_JORTT).ours == 1
    assert len(books.invoices_there()) == 1


def test_a_first_round_asks_for_no_older_ones(books: TwoBooks) -> None:
    """A day is one of the flow's zone: what is of that very day comes over."""
    flow = replace(
        TO_JORTT, date_from=datetime(2026, 10, 31, 23, 0, tzinfo=UTC), schedule=replace(TO_JORTT.schedule, timezone="Europe/Stockholm")
    )
    books.declare(flow)
    books.add_fortnox_order(OrderDate="2026-10-31")
    new = books.add_fortnox_order(OrderDate="2026-11-01")
    before = len(books.fortnox.requests)

    assert refs(books, flow) == [f"out-{new}"]

    read = [request.path for request in books.fortnox.requests[before:] if request.path.startswith("/3/orders/")]
    assert read == [f"/3/orders/{new}"]


def test_freight_and_fee_of_an_order_come_over_as_lines(books: TwoBooks) -> None:
    """Their rates are known by what Fortnox charges on them."""
    books.declare(TO_JORTT)
    books.tenant.default_vat = 21
    books.add_fortnox_order(Freight=5, AdministrationFee=2)

    books.round()

    [invoice] = books.invoices_there()
    assert [(each["description"], each["amount"]["amount"]) for each in invoice["line_items"]][1:] == [
        ("Administration fee", "2.00"),
        ("Shipping", "5.00"),
    ]


def test_estimates_of_jortt_come_over_once_they_are_accepted(books: TwoBooks) -> None:
    """An estimate is as good as an order when the customer says yes."""
    flow = replace(TO_FORTNOX, document=FlowDocument.ESTIMATE, statuses=("accepted", "signed"))
    books.declare(TO_JORTT, document="estimate")
    books.add_fortnox_order()
    books.round()
    books.declare(flow)
    [estimate] = books.organisation.estimates.values()
    assert refs(books, flow) == []
    # It is Billhook's own: as another's, it is an order once it is accepted.
    estimate.fields |= {"reference": "", "id": (other := "9b0c6a3e-6c39-4f0e-9a53-0f4a3c1f7a11")}
    books.organisation.estimates = {other: estimate}
    assert refs(books, flow) == []

    estimate.fields["acceptance_status"] = "accepted"

    assert refs(books, flow) == [f"in-{other}"]


@pytest.mark.parametrize("flow", [TO_FORTNOX, TO_JORTT], ids=["jortt", "fortnox"])
def test_what_fills_several_pages_comes_over_in_several_runs_and_once(books: TwoBooks, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run ends within a page where its amount is reached; the next one goes on there, and with what came meanwhile."""
    monkeypatch.setattr("adapters.accounting.fortnox.source._PAGE_SIZE", 2)
    books.jortt.pages.per_page = 2
    flow = replace(flow, amount_per_run=3)
    books.declare(flow)
    add = books.add_jortt_invoice if flow.source == JORTT else books.add_fortnox_order
    there = [add() for _ in range(5)]

    runs = [refs(books, flow), refs(books, flow)]
    there.append(add())
    runs += [refs(books, flow), refs(books, flow)]

    assert [len(run) for run in runs] == [3, 2, 1, 0]
    assert sorted(ref for run in runs for ref in run) == sorted(f"{flow.name}-{number}" for number in there)
