"""Look-ups and checks of the HTTP hand-off: whether a document arrived, and whether one would."""

import pytest

from domain.delivery.outcome import CannotTell, Delivered, NotThere, RetryLater
from domain.errors import DomainError
from tests.contracts.handoff.http_calls import QUICK
from tests.services.http_partner import Planned


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Planned(200, b'{"data":[{"id":"r-9"}]}'), Delivered("r-9")),
        (Planned(200, b'{"data":[]}'), NotThere()),
        (Planned(404, b""), NotThere()),
        (Planned(410, b""), NotThere()),
        (Planned(429, b"", {"Retry-After": "9"}), RetryLater),
        (Planned(500, b""), RetryLater),
        (Planned(200, b"{"), RetryLater),
        (Planned(drop=True), RetryLater),
        (Planned(400, b""), CannotTell),
        (Planned(422, b""), CannotTell),
    ],
)
def test_a_look_up_finds_out_whether_a_document_arrived(partner, opened, answer, found) -> None:
    """Only a plain no lets it be sent again."""
    partner.next_answers(answer)
    hand_off = opened(look_up_url=partner.url("/orders?ref={ref}&token={token}"), look_up_path="data[0].id", remote_id_path="data[0].id")

    answered = hand_off.look_up({"ref": "SO 1/2&x"}, "t-1")

    assert answered == found if not isinstance(found, type) else isinstance(answered, found)
    assert partner.received[0].path == "/orders?ref=SO%201%2F2%26x&token=t-1"


@pytest.mark.parametrize(
    ("answer", "code", "step"),
    [
        (Planned(401, b'{"message":"who is sesame"}'), "http_401", "password"),
        (Planned(403, b""), "http_403", "look_up_url away"),
        (Planned(405, b""), "http_405", "Correct look_up_url"),
        (Planned(302, b"", {"Location": "/login"}), "redirected", "Correct look_up_url"),
    ],
)
def test_a_look_up_that_no_document_can_pass_is_a_fault_of_the_settings(partner, opened, answer, code, step) -> None:
    """A person who looked for each document would find the same one thing to correct."""
    partner.next_answers(answer)

    with pytest.raises(DomainError) as raised:
        opened(look_up_url=partner.url("/orders/{token}"), username="a", password="sesame").look_up({}, "t")

    assert (raised.value.code, step in raised.value.next_step) == (code, True)
    assert "the look-up" in raised.value.text
    assert "sesame" not in raised.value.text


def test_a_look_up_without_an_answer_is_asked_again(partner, opened) -> None:
    partner.next_answers(Planned(held=True))

    assert isinstance(opened(look_up_url=partner.url("/orders/{token}"), timeouts=QUICK).look_up({}, "t"), RetryLater)


def test_a_look_up_by_a_value_that_is_missing_asks_a_person(partner, opened) -> None:
    answer = opened(look_up_url=partner.url("/orders/{po}")).look_up({}, "t")

    assert isinstance(answer, CannotTell)
    assert "{po}" in answer.how_to_check
    assert partner.received == []


def test_a_check_finds_a_log_in_that_the_partner_refuses(partner, opened) -> None:
    partner.next_answers(Planned(401, b""))

    results = opened(username="a", password="b").check()

    assert [(result.name, result.ok) for result in results] == [("settings", True), ("address", True), ("log-in", False)]


@pytest.mark.parametrize(
    ("answer", "ok", "said"),
    [
        (Planned(404, b""), True, "404"),
        (Planned(400, b"no such format"), True, "400"),
        (Planned(200, b'{"data":[]}'), False, "would count as delivered"),
        (Planned(401, b""), False, "password"),
        (Planned(405, b""), False, "Correct look_up_url"),
        (Planned(302, b"", {"Location": "/login"}), False, "Correct look_up_url"),
        (Planned(503, b""), False, "503"),
        (Planned(drop=True), False, "Correct look_up_url"),
    ],
)
def test_a_check_tries_the_look_up_with_a_document_that_nobody_sent(partner, opened, answer, ok, said) -> None:
    """An address that finds it would find all; one that cannot be asked would be no help when an answer is lost."""
    partner.next_answers(Planned(204, b""), answer)

    result = opened(look_up_url=partner.url("/orders/{ref}?t={token}")).check()[-1]

    assert (result.name, result.ok, said in f"{result.detail} {result.next_step}") == ("look-up", ok, True)
    assert partner.received[1].path == "/orders/billhook-check?t=billhook-check"


def test_a_check_believes_a_look_up_that_tells_what_it_found(partner, opened) -> None:
    """By a value that has to be there, or by what has to be the same."""
    partner.next_answers(Planned(204, b""), Planned(200, b'{"data":[]}'), Planned(204, b""), Planned(200, b'{"ref":"another"}'))

    by_path = opened(look_up_url=partner.url("/orders/{ref}"), look_up_path="data[0].id").check()[-1]
    by_match = opened(look_up_url=partner.url("/orders/{ref}"), look_up_match="ref").check()[-1]

    assert (by_path.ok, by_match.ok) == (True, True)
