"""Invoices, as jortt keeps them."""

from decimal import Decimal

import pytest

from tests.fakes.jortt.books import Mail
from tests.fakes.jortt.client import COMPANY, Client, complaints, key_of, line
from tests.fakes.jortt.money import totals_of


@pytest.fixture
def customer_id(client) -> str:
    return client.create("/customers", {**COMPANY, "email": "books@example.com", "reference": "777"})


@pytest.fixture
def draft(customer_id) -> dict:
    return {"customer_id": customer_id, "invoice_date": "2026-11-21", "reference": "INV-000001", "line_items": [line("499.00", "4")]}


def ids(answer) -> list[str]:
    return [invoice["id"] for invoice in answer.json()["data"]]


def sent(client: Client, draft) -> str:
    invoice_id = client.create("/invoices", {**draft, "send_method": "self"})
    assert client.read(f"/invoices/{invoice_id}")["invoice_status"] == "sent"
    return invoice_id


def test_a_draft_has_totals_and_a_snapshot_but_no_number(client, draft) -> None:
    """The figures of jortt's own recording: 4 x 499 without VAT."""
    found = client.read(f"/invoices/{client.create('/invoices', draft)}")

    assert (found["invoice_status"], found["invoice_number"], found["reference"]) == ("draft", None, "INV-000001")
    assert found["invoice_total"] == {"amount": "1996.00", "currency": "EUR"}
    assert found["invoice_total_incl_vat"] == {"amount": "2415.16", "currency": "EUR"}
    assert (found["customer_company_name"], found["customer_address_city"]) == ("Foto Cadeau BV", "Amsterdam")
    assert (found["invoice_due_date"], found["created_at"]) == ("2026-12-21", "2026-11-21T13:00:00.000+01:00")
    assert found["line_items"][0]["quantity"] == "4"


def test_vat_is_rounded_once_for_each_rate() -> None:
    """Three lines of 0.13 at 21 %: 0.0819 is 0.08 together, but 0.03 on each line."""
    lines = [line("0.13") for _ in range(3)]

    assert totals_of(lines, [], vat_included=False).gross == Decimal("0.47")
    assert sum(totals_of([each], [], vat_included=False).gross for each in lines) == Decimal("0.48")


@pytest.mark.parametrize(
    ("lines", "discounts", "included", "net", "gross"),
    [
        ([line("12.10")], [], True, "10.00", "12.10"),
        ([line("10.00"), line("10.00", rate="0.09")], [], False, "20.00", "23.00"),
        ([line("100.00")], [{"percentage": 10, "description": "Autumn"}], False, "90.00", "108.90"),
        ([line("10.00"), line("-2.50")], [], False, "7.50", "9.08"),
        ([line("3.33", "1.5")], [], False, "5.00", "6.05"),
    ],
)
def test_the_totals_follow_the_basis_the_rates_and_the_discounts(client, draft, lines, discounts, included, net, gross) -> None:
    body = {**draft, "line_items": lines, "discounts": discounts, "net_amounts": included}

    found = client.read(f"/invoices/{client.create('/invoices', body)}")

    assert (found["invoice_total"]["amount"], found["invoice_total_incl_vat"]["amount"]) == (net, gross)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"amount": {"amount": 10, "currency": "EUR"}}, "amount"),
        ({"amount": {"amount": "10.005", "currency": "EUR"}}, "amount"),
        ({"amount": {"value": "10.00", "currency": "EUR"}}, "amount"),
        ({"amount": {"amount": "10.00", "currency": "GBP"}}, "amount"),
        ({"quantity": 1}, "quantity"),
        ({"vat": {"value": "21.0", "category": None}}, "vat"),
        ({"vat": {"value": 0.21, "category": None}}, "vat"),
        ({"vat": {"amount": "0.21"}}, "vat"),
        ({"vat": {"value": "0.06", "category": None}}, "vat][value"),
        ({"vat": {"value": "0.00", "category": "exempt"}}, "vat][value"),
        ({"ledger_account_id": "4000"}, "ledger_account_id"),
    ],
)
def test_a_line_that_jortt_would_not_take_is_refused(client, organisation, draft, change, param) -> None:
    answer = client.call("POST", "/invoices", {**draft, "line_items": [line(), {**line(), **change}]})

    assert ("is_invalid", f"line_items[1][{param}]") in complaints(answer)
    assert organisation.invoices == {}


def test_what_is_missing_is_named(client, draft) -> None:
    nothing = client.call("POST", "/invoices", {"line_items": []})
    half = client.call("POST", "/invoices", {**draft, "line_items": [{"description": "x"}]})

    assert complaints(nothing) == {("is_missing", "customer_id"), ("is_missing", "line_items")}
    assert complaints(half) == {("is_missing", f"line_items[0][{name}]") for name in ("quantity", "amount", "vat")}


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": "42"},
        {"customer_id": "00000000-0000-0000-0000-000000000000"},
        {"invoice_date": "21-11-2026"},
        {"tradename_id": "00000000-0000-0000-0000-000000000000"},
        {"label_ids": ["00000000-0000-0000-0000-000000000000"]},
        {"send_method": "post"},
    ],
)
def test_a_wrong_value_is_named(client, draft, change) -> None:
    answer = client.call("POST", "/invoices", {**draft, **change})

    assert complaints(answer) == {("is_invalid", next(iter(change)))}


def test_only_accounts_that_can_be_chosen_may_stand_on_a_line(client, draft) -> None:
    root, goods, *_ = client.call("GET", "/ledger_accounts/invoices").json()["data"]

    refused = client.call("POST", "/invoices", {**draft, "line_items": [line(ledger_account_id=root["ledger_account_id"])]})
    taken = client.create("/invoices", {**draft, "line_items": [line(ledger_account_id=goods["ledger_account_id"])]})

    assert complaints(refused) == {("is_invalid", "line_items[0][ledger_account_id]")}
    assert client.read(f"/invoices/{taken}")["line_items"][0]["ledger_account_id"] == goods["ledger_account_id"]


def test_sending_takes_some_reads_and_only_then_gives_a_number(jortt, client, draft) -> None:
    jortt.sending.polls = 3

    invoice_id = client.create("/invoices", {**draft, "send_method": "self"})
    seen = [client.read(f"/invoices/{invoice_id}") for _ in range(4)]

    assert [each["invoice_status"] for each in seen] == ["draft", "draft", "sent", "sent"]
    assert [each["invoice_number"] for each in seen] == [None, None, "2026-0001", "2026-0001"]


def test_a_list_that_shows_an_invoice_is_a_read_of_it(jortt, client, draft) -> None:
    jortt.sending.polls = 2
    client.create("/invoices", {**draft, "send_method": "self"})

    seen = [client.call("GET", "/invoices", query="INV-000001").json()["data"][0] for _ in range(2)]

    assert [each["invoice_status"] for each in seen] == ["draft", "sent"]


def test_sending_may_take_seconds_instead(jortt, client, draft, jortt_clock) -> None:
    jortt.sending.seconds = 30
    invoice_id = client.create("/invoices", {**draft, "send_method": "self"})

    before = client.read(f"/invoices/{invoice_id}")["invoice_status"]
    jortt_clock.advance(seconds=30)

    assert (before, client.read(f"/invoices/{invoice_id}")["invoice_status"]) == ("draft", "sent")


def test_what_changes_an_invoice_while_it_is_being_sent_is_a_conflict(jortt, client, draft) -> None:
    jortt.sending.polls = 9
    invoice_id = client.create("/invoices", {**draft, "send_method": "self"})

    answers = [
        client.call("PUT", f"/invoices/{invoice_id}", {"remarks": "x"}),
        client.call("DELETE", f"/invoices/{invoice_id}"),
        client.call("POST", f"/invoices/{invoice_id}/send", {"send_method": "self"}),
    ]

    assert [key_of(answer) for answer in answers] == [(409, "resource.conflict")] * 3


def test_jortt_mails_only_where_it_is_asked_to(client, organisation, draft) -> None:
    sent(client, draft)
    invoice_id = client.create("/invoices", {**draft, "send_method": "email"})

    found = client.read(f"/invoices/{invoice_id}")

    assert found["send_method"] == "email"
    assert organisation.mails == [Mail("email", "books@example.com", invoice_id, "2026-0002")]


def test_sending_a_draft_by_mail_needs_address_subject_and_text(client, organisation, draft) -> None:
    invoice_id = client.create("/invoices", draft)
    mail = {"send_method": "email", "email_address_customer": "other@example.com", "mail_subject": "Invoice", "mail_body": "Dear customer"}

    refused = client.call("POST", f"/invoices/{invoice_id}/send", {"send_method": "email"})
    taken = client.call("POST", f"/invoices/{invoice_id}/send", mail)
    client.read(f"/invoices/{invoice_id}")

    assert complaints(refused) == {("is_missing", name) for name in ("email_address_customer", "mail_subject", "mail_body")}
    assert taken.status_code == 200
    assert [each.to for each in organisation.mails] == ["other@example.com"]


@pytest.mark.parametrize(("method", "peppol"), [("email", False), ("peppol", False), ("peppol", True)])
def test_what_cannot_be_sent_so_is_not_created(jortt, client, organisation, draft, method, peppol) -> None:
    """No address, no peppol, no receiver there. The complaint names no parameter."""
    organisation.peppol = peppol
    customer_id = jortt.add_customer(organisation)

    answer = client.call("POST", "/invoices", {**draft, "customer_id": customer_id, "send_method": method})

    assert key_of(answer) == (422, "operation.invalid")
    assert "param" not in answer.json()["error"]["details"][0]
    assert organisation.invoices == {}


def test_peppol_goes_to_the_receiver_that_is_named(client, organisation, draft) -> None:
    organisation.peppol = True
    invoice_id = client.create("/invoices", draft)
    receiver = {"send_method": "peppol", "peppol_scheme_code": "0106", "peppol_identifier": "12345678"}

    assert client.call("POST", f"/invoices/{invoice_id}/send", receiver).status_code == 200
    client.read(f"/invoices/{invoice_id}")

    assert organisation.mails == [Mail("peppol", "0106:12345678", invoice_id, "2026-0001")]


def test_a_draft_can_be_changed_and_deleted(client, draft) -> None:
    invoice_id = client.create("/invoices", draft)

    changed = client.call("PUT", f"/invoices/{invoice_id}", {"remarks": "Changed", "line_items": [line("1.00")]})
    found = client.read(f"/invoices/{invoice_id}")
    deleted = client.call("DELETE", f"/invoices/{invoice_id}")

    assert (changed.status_code, deleted.status_code) == (200, 204)
    assert (found["remarks"], found["reference"], found["invoice_total"]["amount"]) == ("Changed", "INV-000001", "1.00")
    assert key_of(client.call("GET", f"/invoices/{invoice_id}")) == (404, "resource.not_found")


def test_a_sent_invoice_never_changes(client, draft) -> None:
    invoice_id = sent(client, draft)
    before = client.read(f"/invoices/{invoice_id}")

    answers = [
        client.call("PUT", f"/invoices/{invoice_id}", {"remarks": "x"}),
        client.call("DELETE", f"/invoices/{invoice_id}"),
        client.call("POST", f"/invoices/{invoice_id}/send", {"send_method": "self"}),
    ]

    assert {key_of(answer) for answer in answers} == {(422, "operation.invalid")}
    assert client.read(f"/invoices/{invoice_id}") == before


def test_a_credit_note_is_a_draft_that_turns_the_quantities_round(client, draft) -> None:
    """Its reference is set by a change before it is sent."""
    invoice_id = sent(client, draft)

    credit_id = client.create(f"/invoices/{invoice_id}/credit", {})
    client.call("PUT", f"/invoices/{credit_id}", {"reference": "CN-000001"})
    client.call("POST", f"/invoices/{credit_id}/send", {"send_method": "self"})

    credit = client.read(f"/invoices/{credit_id}")
    assert (credit["credited_invoice_id"], credit["reference"], credit["invoice_number"]) == (invoice_id, "CN-000001", "2026-0002")
    assert credit["invoice_total_incl_vat"]["amount"] == "-2415.16"
    assert client.read(f"/invoices/{invoice_id}")["credit_invoice_ids"] == [credit_id]


def test_only_a_sent_invoice_can_be_credited(client, draft) -> None:
    draft_id, invoice_id = client.create("/invoices", draft), sent(client, draft)
    credit_id = client.create(f"/invoices/{invoice_id}/credit", {"send_method": "self"})
    client.read(f"/invoices/{credit_id}")

    assert key_of(client.call("POST", f"/invoices/{draft_id}/credit", {})) == (422, "operation.invalid")
    assert key_of(client.call("POST", f"/invoices/{credit_id}/credit", {})) == (422, "operation.invalid")


def test_nothing_is_written_into_a_closed_year(client, organisation, draft) -> None:
    invoice_id = client.create("/invoices", draft)
    organisation.closed_years = {2026}

    answers = [
        client.call("POST", "/invoices", draft),
        client.call("PUT", f"/invoices/{invoice_id}", {"remarks": "x"}),
        client.call("POST", f"/invoices/{invoice_id}/send", {"send_method": "self"}),
    ]

    assert {key_of(answer) for answer in answers} == {(422, "operation.year_closed")}
    assert "2026" in answers[0].json()["error"]["message"]


def test_invoices_are_listed_by_status_and_in_the_order_of_creation(jortt, client, organisation, customer_id) -> None:
    draft_id = jortt.add_invoice(organisation, customer_id)
    late = jortt.add_invoice(organisation, customer_id, sent=True, invoice_date="2026-01-01", payment_term=14)
    paid = jortt.add_invoice(organisation, customer_id, sent=True)
    jortt.pay(organisation, paid)

    found = {status: ids(client.call("GET", "/invoices", invoice_status=status)) for status in ("draft", "sent", "unpaid", "late", "paid")}

    assert found == {"draft": [draft_id], "sent": [late, paid], "unpaid": [late], "late": [late], "paid": [paid]}
    assert ids(client.call("GET", "/invoices")) == [draft_id, late, paid]
    assert complaints(client.call("GET", "/invoices", invoice_status="void")) == {("is_invalid", "invoice_status")}


def test_a_search_finds_references_that_only_begin_alike(client, draft) -> None:
    one = client.create("/invoices", {**draft, "reference": "A-1"})
    ten = client.create("/invoices", {**draft, "reference": "A-10"})
    remarked = client.create("/invoices", {**draft, "reference": "B", "remarks": "see a-1"})

    assert ids(client.call("GET", "/invoices", query="A-1")) == [one, ten, remarked]


def test_pages_of_invoices_are_linked(jortt, client, organisation, customer_id) -> None:
    jortt.pages.per_page = 2
    made = [jortt.add_invoice(organisation, customer_id) for _ in range(3)]

    first, second = client.call("GET", "/invoices", page=1), client.call("GET", "/invoices", page=2)

    assert (ids(first), ids(second)) == (made[:2], made[2:])
    assert first.json()["_links"]["next"]["type"] == "application/json"
    assert second.json()["_links"]["next"] is None


def test_an_invoice_for_a_customer_with_shifted_vat_has_none(client, draft) -> None:
    belgian = {**COMPANY, "address_country_code": "BE", "shift_vat": True, "vat_number": "BE0123456749"}
    body = {**draft, "customer_id": client.create("/customers", belgian)}

    refused = client.call("POST", "/invoices", body)
    found = client.read(f"/invoices/{client.create('/invoices', {**body, 'line_items': [line(rate='0.00')]})}")

    assert complaints(refused) == {("is_invalid", "line_items[0][vat][value]")}
    assert (found["customer_vat_shifted"], found["invoice_total_incl_vat"]["amount"]) == (True, "10.00")
