"""What jortt says: complaints, searches, customers that may be ours."""

import json
from typing import Any

import pytest

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.customer_record import customer_key, fingerprint, is_changed, merged, split_name
from adapters.accounting.jortt.directories import Entry, entry_of
from adapters.accounting.jortt.errors import complaint_of, is_token_too_old, raise_for, refusal, refused
from adapters.accounting.jortt.limits import retry_after
from adapters.accounting.jortt.matching import match, named
from adapters.accounting.jortt.remote_documents import questions
from application.accounting.jortt_fields import is_jortt_field
from domain.errors import DomainError
from tests.factories import a_party, an_address


def an_answer(status: int, key: str, *details: dict[str, str]) -> Answer:
    error = {"code": status, "key": key, "message": "No", "details": list(details)}
    return Answer(status, {}, json.dumps({"error": error}).encode())


def an_entry(**fields: Any) -> Entry:
    return entry_of({"id": "c-1", "customer_name": "Zoë Ångström", "email": "zoe@example.com", **fields})


def test_each_detail_is_told_with_its_field() -> None:
    complaint = complaint_of(an_answer(422, "params.invalid", {"key": "is_missing", "param": "customer_name", "message": "is missing"}))

    assert "customer_name is missing" in refused(complaint).text
    assert complaint.about("customer_name")


def test_a_detail_without_a_field_names_the_code() -> None:
    complaint = complaint_of(an_answer(422, "operation.invalid", {"key": "DirectDebit::NotEnabled", "message": "To use direct debit …"}))

    assert refused(complaint).code == "payment_method_refused"


def test_a_page_of_a_proxy_is_shown() -> None:
    complaint = complaint_of(Answer(404, {}, b"<html><h1>Not here</h1></html>"))

    assert "Not here" in complaint.text
    assert refused(complaint).code == "jortt_refused"


@pytest.mark.parametrize(
    ("key", "stale"),
    [
        ("access_token.expired", True),
        ("access_token.revoked", True),
        ("access_token.invalid", True),
        ("scopes.insufficient", False),
        ("organization.requires_mkb_plan", False),
    ],
)
def test_only_a_token_is_renewed(key: str, stale: bool) -> None:
    """A missing scope is a 401 too (facts: accounting-apis, C.16)."""
    assert is_token_too_old(an_answer(401, key)) is stale


def test_what_is_wrong_with_the_lane_is_raised_and_refuses_no_document() -> None:
    with pytest.raises(DomainError) as lane:
        raise_for(an_answer(401, "scopes.insufficient"))
    assert lane.value.code == "scope_missing"

    with pytest.raises(DomainError):
        refusal(lane.value)


@pytest.mark.parametrize(("headers", "low", "high"), [({}, 1.0, 1.5), ({"Retry-After": "7"}, 7, 7), ({"Retry-After": "99999"}, 3600, 3600)])
def test_a_limit_without_a_time_is_waited_for_a_second(headers: dict[str, str], low: float, high: float) -> None:
    seconds, _ = retry_after(headers)

    assert low <= seconds <= high


def test_numbers_in_a_row_are_one_question() -> None:
    assert questions([f"INV-0001{number:02d}" for number in range(50)]) == ["INV-0001"]
    assert questions(["INV-000101", "INV-000257"]) == ["INV-000101", "INV-000257"]
    assert questions([f"10{number:02d}" for number in range(50)]) == ["100", "101", "102", "103", "104"]
    assert questions(["7", "INV-000257"]) == [""]


def test_scattered_numbers_share_a_question_where_that_cannot_cost_more() -> None:
    """Orders of one company of many: ten in a thousand are at most ten pages."""
    assert questions([str(number) for number in range(700_000, 705_000, 100)]) == ["700", "701", "702", "703", "704"]
    assert questions(["700100", "700900"]) == ["700100", "700900"]


def test_a_customer_is_ours_by_reference_before_anything_else() -> None:
    mine = an_entry(id="c-2", customer_name="Somebody", email="", reference=customer_key(a_party()))

    assert match(a_party(), [an_entry(), mine]) == mine


def test_without_an_email_name_and_postcode_decide() -> None:
    party = a_party(email="")
    there = an_entry(email="", address_postal_code="ls1 1aa")
    elsewhere = an_entry(email="", address_postal_code="1015CC")

    assert match(party, [there, elsewhere]) == there
    assert match(party, [elsewhere]) is None


def test_an_archived_customer_of_another_name_shares_no_mailbox() -> None:
    assert match(a_party(), [an_entry(customer_name="Old Shop", archived=True)]) is None


def test_a_part_of_an_email_is_no_match() -> None:
    assert match(a_party(), [an_entry(email="aaa-zoe@example.com"), an_entry(email="zoe@example.com.au")]) is None


def test_the_default_customer_is_one() -> None:
    entries = [an_entry(id="c-1", reference="W-1"), an_entry(id="c-2")]

    assert named("W-1", entries).customer_id == "c-1"
    assert named("c-2", entries).customer_id == "c-2"
    with pytest.raises(DomainError, match="2 customers"):
        named("zoe angstrom", entries)


def test_the_key_is_the_same_for_the_same_customer_alone() -> None:
    key = customer_key(a_party())

    assert len(key) == 35
    assert customer_key(a_party(name="ZOE  ANGSTROM", email=" Zoe@Example.com")) == key
    assert customer_key(a_party(address=an_address(line1="Elsewhere"))) == key
    assert customer_key(a_party(name="Ivo Ångström")) != key
    assert customer_key(a_party(email="")) != customer_key(a_party(email="", address=an_address(line1="Elsewhere")))


@pytest.mark.parametrize(
    ("name", "parts"), [("Jan van der Berg", ("Jan", "van der Berg")), ("Cher", ("", "Cher")), (" Zoë  Ångström ", ("Zoë", "Ångström"))]
)
def test_the_first_word_is_the_first_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_a_change_keeps_what_people_added_and_replaces_the_address_as_a_whole() -> None:
    current = {
        "id": "c-1",
        "customer_name": "zoe angstrom",
        "phonenumber": "020",
        "payment_term": 14,
        "reference": "K-1",
        "address_street": "Old Street",
        "address_extra_information": "2nd floor",
        "vat_number": None,
    }
    record = {"customer_name": "Zoë Ångström", "reference": "bh-1", "address_street": "New Street", "shift_vat": False}

    wanted = merged(current, record)

    assert wanted == {
        "customer_name": "zoe angstrom",
        "phonenumber": "020",
        "payment_term": 14,
        "reference": "K-1",
        "address_street": "New Street",
        "shift_vat": False,
    }
    assert is_changed(current, wanted)
    assert not is_changed({**current, **wanted}, wanted)


def test_a_name_spelled_otherwise_is_no_change() -> None:
    assert fingerprint({"customer_name": "Zoë"}) == fingerprint({"customer_name": "ZOE", "last_name": "ZOE"})
    assert fingerprint({"customer_name": "Zoë"}) != fingerprint({"customer_name": "Zoë", "attn": "Ivo"})


@pytest.mark.parametrize(
    ("target", "known"),
    [
        ("remarks", True),
        ("label_ids[]", True),
        ("customer.cc_emails", True),
        ("customer.payment_term", True),
        ("line_items[].ledger_account_id", True),
        ("line_items[]", True),
        ("reference", False),
        ("customer.email", False),
        ("line_items[].amount", False),
        ("net_amounts", False),
        ("remarks[]", False),
    ],
)
def test_a_map_may_give_what_is_no_figure_and_finds_nothing_again(target: str, known: bool) -> None:
    assert is_jortt_field(target) is known
