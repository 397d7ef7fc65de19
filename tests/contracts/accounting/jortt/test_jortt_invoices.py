"""Invoices and estimates in jortt: what is there, and at what price in calls."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered, Refused, RetryLater
from tests.contracts.accounting.jortt.house import (
    ZOE,
    JorttHouse,
    a_billable_order,
    a_customers_invoice,
    all_delivered,
    an_invoice,
    an_invoice_of,
)
from tests.factories import an_order_line


def test_an_invoice_is_entered_as_a_draft_with_our_number_and_our_total(house: JorttHouse) -> None:
    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    there = house.invoice()
    assert outcome.remote_id == there["id"]
    assert "total 19.36" in outcome.detail
    assert there["invoice_status"] == "draft"
    assert (there["invoice_total"]["amount"], there["invoice_total_incl_vat"]["amount"]) == ("16.00", "19.36")
    assert (there["invoice_date"], there["invoice_due_date"]) == ("2026-11-21", "2026-12-21")
    assert there["remarks"] == "90001"
    assert there["line_items"][0] == {
        "description": "TEE-BLK-M T-shirt, black, M",
        "quantity": "2",
        "amount": {"amount": "6.25", "currency": "EUR"},
        "vat": {"value": "0.21", "category": None},
        "total_amount_ex_vat": {"amount": "6.25", "currency": "EUR"},
        "ledger_account_id": None,
    }


def test_what_two_decimals_cannot_say_is_one_piece_told_in_words(house: JorttHouse) -> None:
    """At most 2 decimals are assumed to be taken: 3 at 1.2345 are one at 3.70."""
    assert all_delivered(house.deliver(an_invoice_of(1, "1.2345", quantity="3")))

    [line] = house.invoice()["line_items"]
    assert (line["quantity"], line["amount"]["amount"]) == ("1", "3.70")
    assert line["description"].endswith("(3 x 1.2345)")


def test_fifty_invoices_cost_little_more_than_a_call_each(house: JorttHouse) -> None:
    """With the customer known: a search before, a call each, and a search after for the totals."""
    assert all_delivered(house.deliver(an_invoice(1)))
    before = house.jortt.calls.total()
    fifty = [an_invoice(number) for number in range(101, 151)]

    assert all_delivered(house.deliver(*fifty))

    assert house.jortt.calls.total() - before <= 55
    assert set(house.invoices().values()) == {1}


def test_the_orders_of_one_company_among_many_cost_little_more_than_a_call_each(house: JorttHouse) -> None:
    """Their refs are far apart, so that one search finds few of them."""
    house.settings["document"] = "order"
    assert all_delivered(house.deliver(a_billable_order(1)))
    before = house.jortt.calls.total()
    fifty = [a_billable_order(number) for number in range(100_000, 105_000, 100)]

    assert all_delivered(house.deliver(*fifty))

    assert house.jortt.calls.total() - before <= 75


@pytest.mark.parametrize("polls", [1, 3])
def test_a_sent_invoice_is_waited_for_until_it_has_a_number(house: JorttHouse, polls: int) -> None:
    house.settings["status"] = "sent"
    house.jortt.sending.polls = polls

    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    assert "number 2026-0001" in outcome.detail
    assert house.invoice()["invoice_status"] == "sent"
    assert house.handed_over[1] == 2


def test_sending_that_takes_longer_is_asked_for_once_and_found_done_later(house: JorttHouse) -> None:
    house.settings["status"] = "sent"
    house.jortt.sending.seconds = 60
    [first] = house.deliver(an_invoice())
    assert isinstance(first, RetryLater)
    house.clock.advance(seconds=61)

    [second] = house.deliver(an_invoice())

    assert isinstance(second, Delivered)
    assert house.jortt.calls["POST /v3/invoices/{id}/send"] == 1


def test_jortt_mails_what_is_sent_by_email(house: JorttHouse) -> None:
    house.settings |= {"status": "sent", "send_method": "email", "mail_subject": "Factuur {number}", "mail_body": "{total} euro"}

    assert all_delivered(house.deliver(an_invoice()))

    [mail] = house.organisation.mails
    assert (mail.by, mail.to) == ("email", "boeken@foto.example")
    [sent] = [request for request in house.jortt.requests if request.path.endswith("/send")]
    assert b'"mail_body":"19.36 euro"' in sent.body
    assert b'"mail_subject":"Factuur INV-000001"' in sent.body


def test_peppol_that_jortt_refuses_is_told_with_the_next_step_and_goes_on_later(house: JorttHouse) -> None:
    house.settings |= {
        "status": "sent",
        "send_method": "peppol",
        "field_map": {"customer.peppol_scheme_code": {"value": "0106"}, "customer.peppol_identifier": {"value": "12345678"}},
    }
    [refused] = house.deliver(an_invoice())
    assert isinstance(refused, Refused)
    assert refused.code == "peppol_not_possible"
    house.organisation.peppol = True

    assert all_delivered(house.deliver(an_invoice()))

    assert [(mail.by, mail.to) for mail in house.organisation.mails] == [("peppol", "0106:12345678")]
    assert house.invoices() == {"INV-000001": 1}


def test_nothing_is_entered_for_a_customer_who_cannot_be_mailed(house: JorttHouse) -> None:
    house.settings |= {"status": "sent", "send_method": "email"}
    house.bills_customers = True

    [refused] = house.deliver(a_customers_invoice(billing=replace(ZOE, email="")))

    assert isinstance(refused, Refused)
    assert refused.code == "email_missing"
    assert not house.organisation.invoices


def test_another_currency_is_refused_before_anything_is_sent(house: JorttHouse) -> None:
    [refused] = house.deliver(an_invoice(currency="GBP"))

    assert isinstance(refused, Refused)
    assert refused.code == "currency_not_possible"
    assert not house.jortt.requests


def test_an_order_becomes_a_draft_invoice_where_that_is_asked_for(house: JorttHouse) -> None:
    house.settings["document"] = "order"

    [outcome] = house.deliver(a_billable_order())

    assert isinstance(outcome, Delivered)
    assert house.invoice("90001")["invoice_total_incl_vat"]["amount"] == "19.36"
    assert house.invoice("90001")["invoice_status"] == "draft"


@pytest.mark.parametrize("status", ["draft", "sent"])
def test_an_order_becomes_an_estimate_where_that_is_asked_for(house: JorttHouse, status: str) -> None:
    house.settings |= {"document": "estimate", "status": status}

    [first, again] = [*house.deliver(a_billable_order()), *house.deliver(a_billable_order())]

    assert isinstance(first, Delivered)
    assert isinstance(again, Delivered)
    [estimate] = house.organisation.estimates.values()
    assert estimate.fields["estimate_status"] == status
    assert estimate.fields["total_incl_vat"]["amount"] == "19.36"
    assert estimate.fields["reference"] == "90001"


def test_what_is_there_already_is_taken_for_delivered(house: JorttHouse) -> None:
    """As the seed says: exists, skip. Even where nothing is remembered here."""
    assert all_delivered(house.deliver(an_invoice()))
    house.steps.clear()

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoices() == {"INV-000001": 1}


def test_another_document_under_our_number_is_left_to_a_person(house: JorttHouse) -> None:
    assert all_delivered(house.deliver(an_invoice()))
    house.steps.clear()

    [refused] = house.deliver(an_invoice_of(1, "99.00"))

    assert isinstance(refused, Refused)
    assert refused.code == "reference_taken"
    assert "119.79" in refused.text


def test_a_document_of_another_series_with_the_same_number_and_total_is_not_taken_for_ours(house: JorttHouse) -> None:
    """It is for somebody else."""
    assert all_delivered(house.deliver(an_invoice()))
    house.steps.clear()
    house.bills_customers = True

    [refused] = house.deliver(a_customers_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "reference_taken"
    assert "Foto Cadeau BV there" in refused.text


def test_a_number_that_is_a_part_of_another_is_not_taken_for_it(house: JorttHouse) -> None:
    """A search for INV-000001 finds INV-0000011 too."""
    customer = house.jortt.add_customer(house.organisation)
    house.jortt.add_invoice(house.organisation, customer, reference="INV-0000011")

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoices() == {"INV-0000011": 1, "INV-000001": 1}


def test_totals_that_come_out_otherwise_are_not_sent(house: JorttHouse) -> None:
    """The draft stays one, and a person looks."""
    house.settings["status"] = "sent"
    customer = house.jortt.add_customer(house.organisation)
    house.steps[1] = {"document": house.jortt.add_invoice(house.organisation, customer, reference="INV-000001")}

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "totals_differ_there"
    assert house.invoice()["invoice_status"] == "draft"


def test_a_discount_of_the_customers_own_does_not_change_our_total(house: JorttHouse) -> None:
    """It is sent that there is none."""
    assert all_delivered(house.deliver(an_invoice()))

    [sent] = [request for request in house.jortt.requests if request.method == "POST" and request.path == "/v3/invoices"]
    assert b'"discounts":[]' in sent.body


def test_a_closed_year_is_told_with_the_next_step(house: JorttHouse) -> None:
    house.organisation.closed_years.add(2026)

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "year_closed"
    assert refused.next_step.endswith("billhook deliveries retry {delivery}")


def test_a_rate_that_jortt_does_not_offer_is_refused_before_anything_is_sent(house: JorttHouse) -> None:
    line = an_order_line(tax_code="", sale_vat_rate=Decimal("0.06"))
    document = an_invoice(lines=(line,), shipping_price=Decimal(0))
    [refused] = house.deliver(document)
    assert isinstance(refused, Refused)
    assert refused.code == "vat_not_offered"
    assert "0.21" in refused.text
    assert not house.organisation.invoices


def test_the_field_map_gives_what_the_document_has_not(house: JorttHouse) -> None:
    account = next(each["ledger_account_id"] for each in house.organisation.ledger_accounts if each["selectable"])
    house.settings["field_map"] = {
        "payment_method": {"value": "already_paid"},
        "introduction": "invoice.number",
        "customer.invoice_language": {"from": "buyer.address.country", "table": {"NL": "nl"}, "otherwise": "en"},
        "line_items[].ledger_account_id": {"from": "lines[].nominal_code", "table": {"4000": account}, "otherwise": account},
    }

    assert all_delivered(house.deliver(an_invoice()))

    there = house.invoice()
    assert (there["payment_method"], there["introduction"]) == ("already_paid", "INV-000001")
    assert there["line_items"][0]["ledger_account_id"] == account
    assert house.customers()[0]["invoice_language"] == "nl"


def test_a_value_that_is_in_no_table_stops_the_document_and_names_the_field(house: JorttHouse) -> None:
    house.settings["field_map"] = {"line_items[].ledger_account_id": {"from": "lines[].nominal_code", "table": {"1": "x"}}}

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "mapping_failed"
    assert "line_items[0].ledger_account_id" in refused.text
    assert "4000" in refused.text


def test_the_preview_shows_what_would_be_sent_and_sends_nothing(house: JorttHouse) -> None:
    [consignment] = house.consignments([an_invoice()])

    with house.open() as destination:
        text = destination.preview(consignment)

    assert '"reference": "INV-000001"' in text
    assert "POST /customers" in text
    assert "jortt will come to: net 16.00, tax 3.36, total 19.36." in text
    assert not house.organisation.invoices
    assert not house.organisation.customers
