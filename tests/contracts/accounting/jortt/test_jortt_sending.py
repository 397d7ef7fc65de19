"""Having jortt send many documents: what it costs in calls, that each is sent once, and that none is forgotten half-way."""

import pytest

from domain.delivery.outcome import Delivered, NotThere, PartlyThere, Refused, RetryLater, StepDone, Unknown
from tests.contracts.accounting.jortt.house import JorttHouse, a_billable_order, all_delivered, an_invoice
from tests.fakes.jortt.books import Organisation

CREATE, SEND, READ = "POST /v3/invoices", "POST /v3/invoices/{id}/send", "GET /v3/invoices/{id}"
NEVER = 10.0**9


@pytest.fixture
def sending(house: JorttHouse) -> JorttHouse:
    """Sends, to a customer for whom jortt's figures agreed once."""
    house.settings["status"] = "sent"
    assert all_delivered(house.deliver(an_invoice(9)))
    return house


def mailed(organisation: Organisation) -> list[str]:
    """Which documents were mailed, in order."""
    return [mail.document_id for mail in organisation.mails]


@pytest.mark.parametrize("polls", [1, 4])
@pytest.mark.parametrize("method", ["self", "email"])
def test_fifty_sent_invoices_cost_less_than_one_and_a_half_calls_each(sending: JorttHouse, method: str, polls: int) -> None:
    """A search before, a call each that creates and sends, and a page that shows what became of all."""
    sending.settings["send_method"] = method
    sending.jortt.sending.polls = polls
    before = sending.jortt.calls.total()

    assert all_delivered(sending.deliver(*map(an_invoice, range(101, 151))))

    assert sending.jortt.calls.total() - before <= 60
    assert sending.jortt.calls[READ] <= 2
    assert {each.fields["invoice_status"] for each in sending.organisation.invoices.values()} == {"sent"}
    assert len(set(mailed(sending.organisation))) == len(mailed(sending.organisation)) == (50 if method == "email" else 0)


def test_fifty_sent_estimates_cost_less_than_one_and_a_half_calls_each(house: JorttHouse) -> None:
    house.settings |= {"document": "estimate", "status": "sent", "send_method": "email"}
    assert all_delivered(house.deliver(a_billable_order(1)))
    before = house.jortt.calls.total()

    assert all_delivered(house.deliver(*map(a_billable_order, range(101, 151))))

    assert house.jortt.calls.total() - before <= 60
    assert len(set(mailed(house.organisation))) == len(mailed(house.organisation)) == 51


def test_fifty_invoices_of_a_customer_nothing_was_sent_to_before_cost_as_little(house: JorttHouse) -> None:
    """One goes first, as a draft that is compared before it is sent."""
    house.settings["status"] = "sent"

    assert all_delivered(house.deliver(*map(an_invoice, range(101, 151))))

    assert house.jortt.calls.total() <= 70
    assert house.jortt.calls[SEND] == 1


def test_the_first_document_of_a_customer_is_compared_before_it_is_sent(house: JorttHouse) -> None:
    house.settings["status"] = "sent"

    assert all_delivered(house.deliver(an_invoice(1)))
    assert house.jortt.calls[SEND] == 1

    assert all_delivered(house.deliver(an_invoice(2)))
    assert house.jortt.calls[SEND] == 1


def test_figures_that_come_out_otherwise_once_make_the_next_one_a_draft_first(sending: JorttHouse) -> None:
    """What was sent with them is for a person."""
    sending.jortt.sending.seconds = NEVER
    [waits] = sending.deliver(an_invoice(1))
    assert isinstance(waits, RetryLater)
    sending.invoice()["invoice_total_incl_vat"] = {"amount": "99.00", "currency": "EUR"}

    [refused] = sending.deliver(an_invoice(1))
    sending.jortt.sending.seconds = None
    assert all_delivered(sending.deliver(an_invoice(2)))

    assert isinstance(refused, Refused)
    assert refused.code == "totals_differ_there"
    assert "It is sent" in refused.next_step
    assert sending.jortt.calls[SEND] == 2


def test_words_of_ones_own_need_a_call_of_their_own(sending: JorttHouse) -> None:
    """The call that creates takes none."""
    sending.settings |= {"send_method": "email", "mail_subject": "Factuur {number}"}

    assert all_delivered(sending.deliver(*map(an_invoice, range(101, 111))))

    requests = [request for request in sending.jortt.requests if request.path.endswith("/send")][1:]
    assert len(requests) == len(mailed(sending.organisation)) == 10
    assert {b'"mail_subject":"Factuur INV-000' in request.body for request in requests} == {True}
    assert sending.jortt.calls[READ] <= 2


def test_a_mail_without_words_of_ones_own_has_those_of_jortt(house: JorttHouse) -> None:
    """The first one as those after it, which jortt words by itself."""
    house.settings |= {"status": "sent", "send_method": "email"}

    assert all_delivered(house.deliver(an_invoice()))

    [request] = [request for request in house.jortt.requests if request.path.endswith("/send")]
    assert b'"mail_subject":"Factuur INV-000001 van Drukkerij Utrecht"' in request.body


def test_where_jortt_does_not_tell_its_words_the_mail_has_plain_ones(house: JorttHouse) -> None:
    """The call is published for its older versions only."""
    house.settings |= {"status": "sent", "send_method": "email"}
    house.jortt._routes = [route for route in house.jortt._routes if not route.template.endswith("/send_settings")]

    assert all_delivered(house.deliver(an_invoice()))

    [request] = [request for request in house.jortt.requests if request.path.endswith("/send")]
    assert b'"mail_subject":"INV-000001, Drukkerij Utrecht BV"' in request.body


@pytest.mark.parametrize("lag", [0, 1, 100])
@pytest.mark.parametrize("seconds", [0, 10, 120])
def test_a_document_that_is_sent_as_it_is_created_and_whose_answer_is_lost_is_sent_once(
    sending: JorttHouse, lag: int, seconds: float
) -> None:
    """Whether it is sent when it is looked up, or after that, and however late a search sees it."""
    sending.settings["send_method"] = "email"
    sending.jortt.sending.seconds = seconds
    sending.jortt.index.visible_after_searches = lag
    sending.jortt.faults.create_then_drop(CREATE)
    [lost] = sending.deliver(an_invoice())
    assert isinstance(lost, Unknown)
    sending.clock.advance(seconds=30)

    found = sending.look_up(an_invoice())
    if not isinstance(found, Delivered):
        assert found == PartlyThere((StepDone("sending", sending.invoice()["id"]),))
        sending.steps[1] = {"sending": sending.invoice()["id"]}
        sending.clock.advance(seconds=120)
        assert all_delivered(sending.deliver(an_invoice()))

    assert mailed(sending.organisation) == [sending.invoice()["id"]]
    assert sending.jortt.calls[SEND] == 1


def test_a_document_that_was_to_be_sent_as_it_is_created_and_never_arrived_is_sent_again(sending: JorttHouse) -> None:
    sending.jortt.faults.drop_before_create(CREATE)
    [lost] = sending.deliver(an_invoice())
    assert isinstance(lost, Unknown)
    assert sending.look_up(an_invoice()) == NotThere()

    assert all_delivered(sending.deliver(an_invoice()))

    assert sending.invoices()["INV-000001"] == 1
    assert sending.invoice()["invoice_status"] == "sent"


def test_what_a_look_up_finds_is_remembered_as_ours(sending: JorttHouse) -> None:
    """A credit note finds its invoice by it, and a flow leaves it alone; nothing is noted about it any more."""
    sending.jortt.faults.create_then_drop(CREATE)
    [lost] = sending.deliver(an_invoice())
    assert isinstance(lost, Unknown)

    found = sending.look_up(an_invoice())

    assert isinstance(found, Delivered)
    with sending.open() as destination:
        link = destination.memory.by_key(destination.api.scope, "invoice", ["INV-000001"])["INV-000001"]
        assert (link.remote_id, destination.notes.asked_at("dlv-1-0")) == (found.remote_id, None)


def test_a_draft_that_was_created_to_be_compared_first_is_not_taken_for_one_that_is_being_sent(sending: JorttHouse) -> None:
    """An earlier try was to send it at once; then figures of this customer came out otherwise."""
    sending.jortt.faults.drop_before_create(CREATE)
    sending.deliver(an_invoice())
    with sending.open() as destination:
        destination.notes.disagree(sending.customers()[0]["id"])
    sending.jortt.faults.create_then_drop(CREATE)
    [lost] = sending.deliver(an_invoice())
    assert isinstance(lost, Unknown)

    assert sending.look_up(an_invoice()) == PartlyThere((StepDone("document", sending.invoice()["id"]),))


@pytest.mark.parametrize("documents", [1, 3])
def test_sending_that_never_ends_is_told_to_a_person_and_asked_for_once(sending: JorttHouse, documents: int) -> None:
    sending.jortt.sending.seconds = NEVER
    invoices = [an_invoice(number) for number in range(1, documents + 1)]
    tries, outcomes = 0, sending.deliver(*invoices)
    while isinstance(outcomes[0], RetryLater):
        tries += 1
        sending.clock.advance(seconds=outcomes[0].after_s or 0)
        outcomes = sending.deliver(*invoices)

    refused = outcomes[0]
    assert isinstance(refused, Refused)
    assert refused.code == "not_sent_there"
    assert "its sending failed" in refused.text
    assert tries < 20, "the delivery would have been given up before"
    assert sending.jortt.calls[CREATE] == 1 + documents
    assert sending.jortt.calls[SEND] == 1


def test_a_person_who_sends_by_hand_what_jortt_did_not_send_ends_it(sending: JorttHouse) -> None:
    sending.jortt.sending.seconds = NEVER
    [waits] = sending.deliver(an_invoice())
    assert isinstance(waits, RetryLater)
    sending.clock.advance(minutes=20)
    [refused] = sending.deliver(an_invoice())
    assert isinstance(refused, Refused)
    sending.jortt.sending.seconds = 0

    [outcome] = sending.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    assert "number 2026-0002 (sent)" in outcome.detail


def test_what_a_search_misses_is_read_by_itself_at_the_end(sending: JorttHouse) -> None:
    """It may lag for as long as it likes."""
    sending.jortt.index.visible_after_searches = 100

    assert all_delivered(sending.deliver(*map(an_invoice, (1, 2, 3))))

    assert sending.invoices() == {"INV-000009": 1, "INV-000001": 1, "INV-000002": 1, "INV-000003": 1}


def test_a_receiver_whom_jortt_refuses_is_told_and_nothing_is_entered(sending: JorttHouse) -> None:
    """Creating and sending are one call: what cannot be sent is not there."""
    sending.settings["send_method"] = "peppol"

    [refused] = sending.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "peppol_not_possible"
    assert sending.invoices() == {"INV-000009": 1}


def test_notes_about_sending_do_not_pile_up(sending: JorttHouse) -> None:
    assert all_delivered(sending.deliver(*map(an_invoice, range(101, 111))))

    with sending.open() as destination:
        assert {destination.notes.asked_at(f"dlv-{number}-0") for number in (9, *range(101, 111))} == {None}
