"""Exactly one invoice for each document, whatever goes wrong between us and Xero."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.destination import LeaseVoid
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, NotThere, Refused, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.accounting.xero.house import XeroHouse, a_credit_note, all_delivered, an_invoice
from tests.fakes.xero import Fault, faults
from tests.fakes.xero.samples import contact_of, line

THREE = tuple(map(an_invoice, (1, 2, 3)))


def somebody_elses(house: XeroHouse, number: str, **changes: Any) -> None:
    """An invoice under our number that is not ours."""
    from tests.fakes.xero.client import Client  # noqa: PLC0415 - only here

    token = house.tools.access_tokens.current("501/xero", "xero", _app()).token
    head = {"Type": "ACCREC", "InvoiceNumber": number, "Status": "AUTHORISED", "Contact": contact_of(house.organisation, "Stranger")}
    days = {"Date": "2026-11-21", "DueDate": "2026-12-21"}
    Client(house.xero, house.organisation, token).created("Invoices", {**head, **days, "LineItems": [line(5)], **changes})


def _app() -> Any:
    from application.ports.oauth import OAuthApp  # noqa: PLC0415 - only here

    return OAuthApp("billhook", "app-secret")


def test_documents_whose_answer_was_lost_are_found_with_one_question(house: XeroHouse) -> None:
    house.xero.faults.next("/Invoices", faults.create_then_drop(), "PUT")
    assert [type(outcome) for outcome in house.deliver(*THREE)] == [Unknown] * 3
    before = house.xero.calls.total

    with house.open() as destination:
        found = [destination.look_up(consignment) for consignment in house.consignments(THREE)]

    assert all(isinstance(answer, Delivered) for answer in found)
    assert house.xero.calls.total == before + 1
    assert house.effects() == {"INV-000001": 1, "INV-000002": 1, "INV-000003": 1}


def test_documents_that_never_arrived_are_sent_again(house: XeroHouse) -> None:
    house.xero.faults.next("/Invoices", faults.drop_before_create(), "PUT")
    assert [type(outcome) for outcome in house.deliver(*THREE)] == [Unknown] * 3
    assert house.look_up(THREE[0]) == NotThere()

    assert all_delivered(house.deliver(*THREE))

    assert set(house.effects().values()) == {1}


def test_a_document_that_xero_does_not_show_yet_is_never_created_twice(house: XeroHouse) -> None:
    """A look-up comes too early, then a resend; Xero refuses the number, and only what is seen is taken for delivered."""
    house.xero.faults.next("/Invoices", Fault(dropped=True, hidden_for=2), "PUT")
    assert isinstance(house.deliver(THREE[0])[0], Unknown)
    assert house.look_up(THREE[0]) == NotThere()
    house.clock.advance(minutes=10)

    [second] = house.deliver(THREE[0])

    assert isinstance(second, Unknown)
    assert isinstance(house.look_up(THREE[0]), Delivered)
    assert house.effects() == {"INV-000001": 1}


def test_within_its_six_minutes_the_same_key_gives_the_lost_answer(house: XeroHouse) -> None:
    """A timeout or a reset leaves the key unspent: the same call again meets the first one."""
    house.xero.faults.next("/Invoices", Fault(dropped=True, hidden_for=1), "PUT")
    house.deliver(THREE[0])
    assert house.look_up(THREE[0]) == NotThere()

    assert all_delivered(house.deliver(THREE[0]))

    assert house.xero.replays == 1
    assert house.effects() == {"INV-000001": 1}


@pytest.mark.parametrize("committed", [True, False])
def test_a_page_of_the_gateway_instead_of_an_answer_is_looked_up(house: XeroHouse, committed: bool) -> None:
    house.xero.faults.next("/Invoices", faults.html_502(committed=committed), "PUT")
    [first] = house.deliver(THREE[0])
    assert isinstance(first, Unknown)
    assert "502" in first.reason

    found = house.look_up(THREE[0])

    assert isinstance(found, Delivered if committed else NotThere)
    if not committed:
        assert all_delivered(house.deliver(THREE[0]))
    assert house.effects() == {"INV-000001": 1}


@pytest.mark.parametrize("committed", [True, False])
def test_a_failure_of_xero_itself_is_not_asked_for_again(house: XeroHouse, committed: bool) -> None:
    """Xero repeats its 500 for the same key: after the look-up another key is used."""
    house.xero.faults.next("/Invoices", faults.status(500, committed=committed), "PUT")
    assert isinstance(house.deliver(THREE[0])[0], Unknown)

    found = house.look_up(THREE[0])

    assert isinstance(found, Delivered if committed else NotThere)
    if not committed:
        assert all_delivered(house.deliver(THREE[0]))
    assert house.xero.replays == 0
    assert house.effects() == {"INV-000001": 1}


def test_a_refusal_that_was_mended_is_not_given_again(house: XeroHouse) -> None:
    """A person mends the contact within Xero's six minutes, and retries."""
    assert all_delivered(house.deliver(THREE[0]))
    contacts = house.organisation.tables["Contacts"]
    [contact] = contacts.rows()
    contacts.save({**contact, "ContactStatus": "ARCHIVED"})
    [refused] = house.deliver(THREE[1])
    assert isinstance(refused, Refused)
    contacts.save(contact)

    assert all_delivered(house.deliver(THREE[1]))

    assert house.xero.replays == 0


def test_one_refused_document_stops_none_of_the_others(house: XeroHouse) -> None:
    somebody_elses(house, "INV-000002")

    first, second, third = house.deliver(*THREE)

    assert all_delivered([first, third])
    assert isinstance(second, Refused)
    assert second.code == "number_taken"
    assert "Total 6.00 there, 19.20 here" in second.text
    assert "contact Stranger there" in second.text


def test_a_document_that_is_there_already_is_taken_for_delivered(house: XeroHouse) -> None:
    """As after a resend by a person: nothing is created twice."""
    [first] = house.deliver(THREE[0])
    house.clock.advance(minutes=10)

    [again] = house.deliver(THREE[0])

    assert isinstance(first, Delivered)
    assert isinstance(again, Delivered)
    assert again.remote_id == first.remote_id
    assert "there already" in again.detail
    assert house.effects() == {"INV-000001": 1}


def test_a_look_up_that_finds_something_else_leaves_it_to_a_person(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    invoices = house.organisation.tables["Invoices"]
    invoices.save({**house.invoice(), "Status": "VOIDED"})

    answer = house.look_up(THREE[0])

    assert isinstance(answer, CannotTell)
    assert "VOIDED" in answer.how_to_check


def test_an_organisation_that_is_offline_is_tried_later(house: XeroHouse) -> None:
    house.xero.faults.next("/Organisation", faults.offline_503(), "GET")

    with pytest.raises(TemporaryFailure):
        house.deliver(THREE[0])

    assert house.handed_over == {}
    assert all_delivered(house.deliver(THREE[0]))


def test_a_missing_scope_costs_one_call_and_stops_the_lane(house: XeroHouse) -> None:
    house.connect("offline_access accounting.invoices.read accounting.contacts accounting.settings")

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, ConnectionLost)
    assert outcome.code == "scope_missing"
    assert house.xero.calls.by_path()["PUT /Invoices"] == 1


def test_an_organisation_that_was_disconnected_stops_the_lane(house: XeroHouse) -> None:
    house.xero.identity.connections.clear()

    with pytest.raises(DomainError) as refused:
        house.deliver(THREE[0])

    assert refused.value.code == "needs_reauth"
    assert "billhook connect xero" in refused.value.next_step


def test_what_is_not_the_same_any_more_is_told(house: XeroHouse) -> None:
    """Somebody else's invoice under the number of a document without an answer."""
    somebody_elses(house, "INV-000001")

    answer = house.look_up(replace(THREE[0]))

    assert isinstance(answer, CannotTell)
    assert "Total" in answer.how_to_check


def test_a_worker_that_lost_its_lane_sends_nothing_more(house: XeroHouse) -> None:
    """The handing over is asked for right before the first byte of the body leaves."""

    def refuse(_consignments: Any) -> None:
        raise LeaseVoid

    with house.open() as destination, pytest.raises(LeaseVoid):
        list(destination.deliver(house.consignments(THREE), refuse))

    assert house.effects() == {}


def test_tokens_that_end_midway_are_renewed_and_nothing_is_sent_twice(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    house.clock.advance(minutes=31)

    assert all_delivered(house.deliver(THREE[1], THREE[2]))

    assert set(house.effects().values()) == {1}


def test_credit_notes_between_invoices_keep_the_order_of_the_lane(house: XeroHouse) -> None:
    outcomes = house.deliver(THREE[0], a_credit_note(THREE[0]), THREE[1])

    assert all_delivered(outcomes)
    puts = [call.path.split("/")[1] for call in house.xero.calls.entries if call.method == "PUT"]
    assert puts == ["Invoices", "CreditNotes", "CreditNotes", "Invoices"]


def test_a_call_that_was_refused_as_a_whole_refuses_only_what_xero_names(house: XeroHouse) -> None:
    """Whether Xero kept the others is not known, also where it shows one: they are looked up (facts: accounting-apis, B1.8)."""
    shown = {"InvoiceID": "1", "InvoiceNumber": "INV-000001", "SubTotal": 16, "TotalTax": 3.20, "Total": 19.20, "CurrencyCode": "GBP"}
    named = {"InvoiceNumber": "INV-000002", "ValidationErrors": [{"Message": "Email address must be valid."}]}
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred", "Elements": [shown, named]}
    house.xero.faults.next("/Invoices", faults.status(400, json.dumps(body)), "PUT")

    first, second, third = house.deliver(*THREE)

    assert isinstance(second, Refused)
    assert second.code == "email_invalid"
    assert [type(each) for each in (first, third)] == [Unknown, Unknown]


def test_a_body_that_xero_cannot_read_is_refused_with_its_words(house: XeroHouse) -> None:
    body = {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "Invalid Json data"}
    house.xero.faults.next("/Invoices", faults.status(400, json.dumps(body)), "PUT")

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, Refused)
    assert "Invalid Json data" in outcome.text


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "{}", '{"Invoices": []}', '{"Invoices": [{"InvoiceNumber": "INV-000009"}]}'])
def test_an_answer_of_200_that_says_nothing_about_the_document_leaves_it_unknown(house: XeroHouse, body: str) -> None:
    house.xero.faults.next("/Invoices", faults.status(200, body, committed=True), "PUT")

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, Unknown)
    assert isinstance(house.look_up(THREE[0]), Delivered)


def test_other_figures_in_the_answer_are_left_to_a_person(house: XeroHouse) -> None:
    element = {"InvoiceID": "1", "InvoiceNumber": "INV-000001", "SubTotal": 16, "TotalTax": 3.20, "Total": 19.21, "CurrencyCode": "GBP"}
    house.xero.faults.next("/Invoices", faults.status(200, json.dumps({"Invoices": [element]}), committed=True), "PUT")

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, Refused)
    assert outcome.code == "totals_differ_there"
    assert "Total 19.21 there, 19.20 here" in outcome.text


def test_another_document_with_the_same_number_and_figures_is_not_taken_for_ours(house: XeroHouse) -> None:
    """As after an old backup was restored: the number is given anew, and both orders cost the same."""
    house.deliver(THREE[0])
    house.clock.advance(minutes=10)
    of_another_order = replace(an_invoice(7), number=1, display_number="INV-000001")

    [outcome] = house.deliver(of_another_order)
    answer = house.look_up(of_another_order)

    assert isinstance(outcome, Refused)
    assert outcome.code == "number_taken"
    assert "reference '90001' there, '90007' here" in outcome.text
    assert isinstance(answer, CannotTell)


def test_the_same_figures_on_another_day_are_another_document(house: XeroHouse) -> None:
    house.deliver(THREE[0])
    house.clock.advance(minutes=10)
    a_day_later = replace(THREE[0], issued_on=THREE[0].issued_on + timedelta(days=1))

    [outcome] = house.deliver(a_day_later)

    assert isinstance(outcome, Refused)
    assert "date 2026-11-21 there, 2026-11-22 here" in outcome.text


def test_what_is_set_up_is_read_once_an_hour(house: XeroHouse) -> None:
    """Every ten minutes, two workers would use up a day of 1,000 calls with these questions alone."""
    house.deliver(THREE[0])
    house.clock.advance(minutes=55)

    house.deliver(THREE[1])

    assert house.xero.calls.by_path()["GET /TaxRates"] == 1


def test_a_resend_of_what_was_voided_says_that_its_number_is_gone(house: XeroHouse) -> None:
    """A person cannot give a voided document another number: the way out is a new one."""
    house.deliver(THREE[0])
    house.organisation.tables["Invoices"].save({**house.invoice(), "Status": "VOIDED"})
    house.clock.advance(minutes=10)

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, Refused)
    assert outcome.code == "voided_there"
    assert "billhook deliveries cancel {delivery}" in outcome.next_step
    assert "billhook invoices credit INV-000001 --reissue" in outcome.next_step
    assert len(house.organisation.invoices) == 1


def test_a_key_that_xero_knows_from_another_request_is_used_no_more(house: XeroHouse) -> None:
    """Nothing was done for it; what is sent after the look-up has another key."""
    clash = {"Title": "Bad Request", "Status": 400, "Detail": "Idempotency Key 1 is used with a different request."}
    house.xero.faults.next("/Invoices", faults.status(400, json.dumps(clash)), "PUT")
    assert isinstance(house.deliver(THREE[0])[0], Unknown)
    assert house.look_up(THREE[0]) == NotThere()

    assert all_delivered(house.deliver(THREE[0]))

    keys = {call.headers["idempotency-key"] for call in house.xero.calls.of("PUT", "/Invoices")}
    assert len(keys) == 2
    assert house.effects() == {"INV-000001": 1}


def test_elements_without_a_number_are_told_apart_by_their_places(house: XeroHouse) -> None:
    """One was refused, the other is there."""
    refused = {"HasErrors": True, "ValidationErrors": [{"Message": "Email address must be valid."}]}
    there = {"InvoiceID": "2", "SubTotal": 16, "TotalTax": 3.20, "Total": 19.20, "CurrencyCode": "GBP"}
    house.xero.faults.next("/Invoices", faults.status(200, json.dumps({"Invoices": [refused, there]})), "PUT")

    first, second = house.deliver(*THREE[:2])

    assert isinstance(first, Refused)
    assert first.code == "email_invalid"
    assert isinstance(second, Delivered)
    assert second.remote_id == "2"


def test_an_answer_without_figures_is_not_taken_for_the_same_figures(house: XeroHouse) -> None:
    """What is not said cannot agree."""
    element = {"InvoiceID": "1", "InvoiceNumber": "INV-000001"}
    house.xero.faults.next("/Invoices", faults.status(200, json.dumps({"Invoices": [element]}), committed=True), "PUT")

    [outcome] = house.deliver(THREE[0])

    assert isinstance(outcome, Refused)
    assert "Total None there, 19.20 here" in outcome.text
