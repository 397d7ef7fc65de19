"""Exactly one document for each of ours, whatever goes wrong between us and Fortnox."""

from dataclasses import replace

import pytest

from domain.delivery.outcome import (
    CannotTell,
    ConnectionLost,
    Delivered,
    LookUp,
    NotThere,
    PartlyThere,
    Refused,
    RetryLater,
    StepDone,
    Unknown,
)
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.accounting.fortnox.house import FortnoxHouse, all_delivered, an_invoice, an_order_of
from tests.fakes.fortnox.errors import Refused as FortnoxRefuses

INVOICES = "/3/invoices"


def looked_up_until_certain(house: FortnoxHouse, document) -> LookUp:
    """As a lane does it: a look-up that comes too early is made again when its time has come."""
    for _ in range(5):
        answer = house.look_up(document)
        if not isinstance(answer, RetryLater):
            return answer
        house.clock.advance(seconds=answer.after_s or 60)
    raise AssertionError("no end of looking")


def test_a_document_whose_answer_was_lost_is_found_and_not_created_again(house: FortnoxHouse) -> None:
    house.fortnox.faults.create_then_drop(INVOICES)
    [unknown] = house.deliver(an_invoice())
    assert isinstance(unknown, Unknown)

    found = house.look_up(an_invoice())

    assert isinstance(found, Delivered)
    assert found.remote_id == house.invoice()["DocumentNumber"]
    assert house.created() == ["INV-000001"]


def test_a_document_that_never_arrived_is_sent_again_after_two_looks(house: FortnoxHouse) -> None:
    house.fortnox.faults.drop_before_create(INVOICES)
    [unknown] = house.deliver(an_invoice())
    assert isinstance(unknown, Unknown)
    first = house.look_up(an_invoice())
    assert isinstance(first, RetryLater)
    assert isinstance(house.look_up(an_invoice()), RetryLater), "asked again at once it is still too early"

    house.clock.advance(seconds=31)
    assert house.look_up(an_invoice()) == NotThere()

    assert all_delivered(house.deliver(an_invoice()))
    assert house.created() == ["INV-000001"]


def test_a_document_that_lists_do_not_show_yet_is_never_created_twice(house: FortnoxHouse) -> None:
    """Nothing at Fortnox would refuse the second one."""
    house.deliver(an_invoice(2))
    house.fortnox.faults.delayed_visibility()
    house.fortnox.faults.create_then_drop(INVOICES)
    [unknown] = house.deliver(an_invoice(1))
    assert isinstance(unknown, Unknown)

    found = looked_up_until_certain(house, an_invoice(1))

    assert isinstance(found, Delivered)
    assert sorted(house.created()) == ["INV-000001", "INV-000002"]


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize("fault", ["html_502", "status_500"])
def test_an_answer_that_is_none_is_looked_up(house: FortnoxHouse, fault: str, processed: bool) -> None:
    if fault == "html_502":
        house.fortnox.faults.html_502(INVOICES, "POST", processed=processed)
    else:
        house.fortnox.faults.status(500, INVOICES, "POST", processed=processed)
    [unknown] = house.deliver(an_invoice())
    assert isinstance(unknown, Unknown)

    found = looked_up_until_certain(house, an_invoice())

    assert isinstance(found, Delivered if processed else NotThere)
    if not processed:
        assert all_delivered(house.deliver(an_invoice()))
    assert house.created() == ["INV-000001"]


def test_a_key_that_is_a_part_of_another_finds_only_its_own(house: FortnoxHouse) -> None:
    """Fortnox's filter finds INV-1 in INV-10 and INV-11."""
    ten, eleven, one = (replace(an_invoice(number), display_number=f"INV-{number}") for number in (10, 11, 1))
    house.deliver(ten, eleven)
    house.fortnox.faults.drop_before_create(INVOICES)
    house.deliver(one)

    assert looked_up_until_certain(house, one) == NotThere()


def test_a_cancelled_document_under_our_number_does_not_count(house: FortnoxHouse) -> None:
    house.fortnox.faults.create_then_drop(INVOICES)
    house.deliver(an_invoice())
    house.invoice()["Cancelled"] = True

    assert looked_up_until_certain(house, an_invoice()) == NotThere()


def test_another_series_number_is_another_document(house: FortnoxHouse) -> None:
    """Two sellers whose invoices have the same number, in one Fortnox."""
    ours = an_invoice()
    theirs = replace(ours, draft=replace(ours.draft, seller=replace(ours.draft.seller, ref="other-print")))
    house.deliver(theirs)
    house.fortnox.faults.drop_before_create(INVOICES)
    house.deliver(ours)

    assert looked_up_until_certain(house, ours) == NotThere()
    assert all_delivered(house.deliver(ours))
    assert len(house.company.invoices) == 2


def test_a_mail_whose_answer_was_lost_is_not_sent_again(house: FortnoxHouse) -> None:
    """Mailing is a GET at Fortnox: nothing may repeat it."""
    house.settings |= {"status": "sent"}
    house.fortnox.faults.create_then_drop("/3/invoices/1/email", "GET")
    [unknown] = house.deliver(an_invoice())
    assert isinstance(unknown, Unknown)
    assert house.steps == {1: {"document": "1"}}

    assert isinstance(house.look_up(an_invoice()), Delivered)

    assert len(house.fortnox.emails_sent) == 1


def test_a_mail_that_was_never_sent_is_sent_after_a_look_and_the_document_is_not_created_again(house: FortnoxHouse) -> None:
    house.settings |= {"status": "sent"}
    house.fortnox.faults.drop_before_create("/3/invoices/1/email", "GET")
    house.deliver(an_invoice())

    assert house.look_up(an_invoice()) == PartlyThere((StepDone("document", "1"),))

    assert all_delivered(house.deliver(an_invoice()))
    assert len(house.fortnox.emails_sent) == 1
    assert house.created() == ["INV-000001"]


def test_a_lost_creation_that_is_still_to_be_mailed_is_partly_there(house: FortnoxHouse) -> None:
    house.settings |= {"status": "sent"}
    house.fortnox.faults.create_then_drop(INVOICES)
    house.deliver(an_invoice())

    assert house.look_up(an_invoice()) == PartlyThere((StepDone("document", "1"),))


def test_an_order_whose_answer_was_lost_is_found(house: FortnoxHouse) -> None:
    house.settings |= {"document": "order"}
    house.fortnox.faults.create_then_drop("/3/orders")
    house.deliver(an_order_of())

    assert isinstance(house.look_up(an_order_of()), Delivered)
    assert house.created("orders") == ["90001"]


@pytest.mark.parametrize("path", ["/3/customers", "/3/articles"])
def test_a_customer_or_article_whose_answer_was_lost_is_found_under_its_number(house: FortnoxHouse, path: str) -> None:
    house.fortnox.faults.create_then_drop(path)
    with pytest.raises(TemporaryFailure):
        house.deliver(an_invoice())
    assert house.handed_over == {}

    assert all_delivered(house.deliver(an_invoice()))

    assert len(house.company.customers) == len(house.company.articles) == 1


def test_a_customer_that_lists_do_not_show_yet_is_found_under_its_number(house: FortnoxHouse) -> None:
    house.settings |= {"articles": "none"}
    house.fortnox.faults.delayed_visibility(lists=5)
    house.fortnox.faults.create_then_drop("/3/customers")
    with pytest.raises(TemporaryFailure):
        house.deliver(an_invoice())

    assert all_delivered(house.deliver(an_invoice()))

    assert len(house.company.customers) == 1


def test_a_document_sent_anew_by_a_person_is_found_by_its_link(house: FortnoxHouse) -> None:
    [first] = house.deliver(an_invoice())

    [again] = house.deliver(an_invoice())

    assert isinstance(first, Delivered)
    assert isinstance(again, Delivered)
    assert "there already" in again.detail
    assert house.created() == ["INV-000001"]


def test_a_document_that_was_cancelled_in_fortnox_is_created_anew_where_a_person_asks(house: FortnoxHouse) -> None:
    house.deliver(an_invoice())
    house.invoice()["Cancelled"] = True

    assert all_delivered(house.deliver(an_invoice()))

    assert house.created() == ["INV-000001"] * 2


def test_two_documents_under_our_references_are_left_to_a_person(house: FortnoxHouse) -> None:
    house.deliver(an_invoice())
    there = house.invoice()
    references = {name: there[name] for name in ("ExternalInvoiceReference1", "ExternalInvoiceReference2", "CustomerNumber")}
    house.fortnox.set_up("1000", "invoices", **references)

    answer = house.look_up(an_invoice())

    assert isinstance(answer, CannotTell)
    assert "1, 2" in answer.how_to_check


def test_too_many_calls_park_the_lane_for_the_whole_window(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1))
    house.fortnox.faults.status(429, INVOICES, "POST")

    [outcome] = house.deliver(an_invoice(2))

    assert isinstance(outcome, RetryLater)
    assert outcome.after_s is not None
    assert 5 <= outcome.after_s <= 6
    house.clock.advance(seconds=7)
    assert all_delivered(house.deliver(an_invoice(2)))
    assert house.created() == ["INV-000001", "INV-000002"]


def test_a_missing_scope_stops_the_lane_and_names_the_way_out(house: FortnoxHouse) -> None:
    """A licence that ends while a lane is at work."""
    house.fortnox.faults.answer(FortnoxRefuses(2001101, "Ingen aktiv licens för scope.").reply(), INVOICES, "POST")

    [outcome] = house.deliver(an_invoice(1), an_invoice(2))

    assert isinstance(outcome, ConnectionLost)
    assert outcome.code == "licence_missing"  # told at once
    assert "licence" in outcome.reason
    assert house.handed_over == {1: 1}


def test_a_scope_that_customers_need_stops_the_lane_before_anything_is_handed_over(house: FortnoxHouse) -> None:
    house.company.unlicensed_scopes.add("customer")

    with pytest.raises(DomainError) as refused:
        house.deliver(an_invoice())

    assert refused.value.code == "licence_missing"
    assert house.handed_over == {}


def test_a_token_that_died_early_is_asked_for_anew_by_client_credentials(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1))
    house.fortnox.authority.expire_access_tokens()

    assert all_delivered(house.deliver(an_invoice(2)))

    assert house.created() == ["INV-000001", "INV-000002"]


def test_a_refresh_token_is_used_once_and_its_successor_is_kept(house: FortnoxHouse) -> None:
    """Fortnox forgives nothing: a second use of one would end the connection."""
    house.settings |= {"grant": "authorization_code"}
    house.connect_by_code()
    house.deliver(an_invoice(1))

    for number in (2, 3):
        house.clock.advance(hours=1)
        assert all_delivered(house.deliver(an_invoice(number)))

    assert len(house.fortnox.authority.refresh_tokens) == 1


def test_a_consent_that_was_taken_back_needs_a_person(house: FortnoxHouse) -> None:
    """While a lane is at work, and from then on; once a person has consented again, it goes on."""
    house.deliver(an_invoice(1))
    house.on_hand_over = lambda: house.fortnox.authority.revoke("billhook", "1000")

    [lost] = house.deliver(an_invoice(2), an_invoice(3))

    assert isinstance(lost, ConnectionLost)
    assert "billhook connect fortnox --company 501" in lost.next_step
    with pytest.raises(DomainError) as refused:
        house.deliver(an_invoice(3))
    assert refused.value.code == "needs_reauth"
    assert house.created() == ["INV-000001"]
    house.on_hand_over = lambda: None
    house.connect()
    assert all_delivered(house.deliver(an_invoice(2), an_invoice(3)))


def test_a_customer_that_was_deleted_in_fortnox_is_made_under_another_number(house: FortnoxHouse) -> None:
    """Fortnox never gives a number twice."""
    house.fortnox.set_up("1000", "customers", Name="Somebody")
    house.deliver(an_invoice(1))
    first = house.invoice()["CustomerNumber"]
    del house.company.customers[first]

    [refused] = house.deliver(an_invoice(2))
    assert isinstance(refused, Refused)
    assert refused.code == "customer_missing"

    assert all_delivered(house.deliver(an_invoice(2)))
    assert house.invoice("INV-000002")["CustomerNumber"] == f"{first}-2"


def test_an_article_that_was_deleted_in_fortnox_is_created_anew(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1))
    house.company.articles.clear()
    [refused] = house.deliver(an_invoice(2))
    assert isinstance(refused, Refused)
    assert refused.code == "article_missing"

    assert all_delivered(house.deliver(an_invoice(2)))


def test_a_fortnox_that_is_away_is_tried_later(house: FortnoxHouse) -> None:
    house.fortnox.faults.html_502("/3/currencies", "GET")

    with pytest.raises(TemporaryFailure):
        house.deliver(an_invoice())

    assert house.handed_over == {}
    assert all_delivered(house.deliver(an_invoice()))
