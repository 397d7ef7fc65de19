"""Fortnox's refusals in all their shapes."""

import json
from typing import Any

import pytest

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.errors import lane_problem, problem_of, refusal, refused


def answer(document: Any, status: int = 400) -> Answer:
    return Answer(status, {}, json.dumps(document).encode())


SMALL = {"ErrorInformation": {"error": 1, "message": "Kan inte hitta kunden.", "code": 2000433}}
CAPITAL = {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta kunden.", "Code": "2000433"}}


@pytest.mark.parametrize("document", [SMALL, CAPITAL])
def test_the_keys_may_be_written_either_way(document: Any) -> None:
    problem = problem_of(answer(document))

    assert (problem.code, problem.message) == (2000433, "Kan inte hitta kunden.")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"message": "unauthorized"}, "unauthorized"),
        ({"error": "invalid_client", "error_description": "no such client"}, "no such client"),
        ({"id": "1", "error": "missing.rights", "message": "No rights"}, "No rights"),
        ([], "[]"),
    ],
)
def test_other_shapes_are_told_in_their_own_words(document: Any, message: str) -> None:
    problem = problem_of(answer(document, 401))

    assert (problem.code, problem.message) == (0, message)


def test_a_known_refusal_is_told_in_english_with_fortnox_s_own_words_and_the_next_step() -> None:
    outcome = refused(refusal(problem_of(answer(SMALL))))

    assert outcome.code == "customer_missing"
    assert "Fortnox does not know the customer." in outcome.text
    assert "Kan inte hitta kunden. (code 2000433)" in outcome.text
    assert outcome.next_step.endswith(", then: billhook deliveries retry {delivery}")


@pytest.mark.parametrize(
    ("words", "code"),
    [("Kunde inte hämta/hitta moms.", "vat_rate_missing"), ("Kunde inte hämta/hitta valuta", "currency_missing")],
)
def test_what_has_no_known_code_is_known_by_its_words(words: str, code: str) -> None:
    outcome = refused(refusal(problem_of(answer({"ErrorInformation": {"error": 1, "message": words, "code": 2000000}}))))

    assert outcome.code == code
    assert words in outcome.text


def test_an_unknown_refusal_loses_nothing() -> None:
    outcome = refused(refusal(problem_of(answer({"ErrorInformation": {"error": 1, "message": "Nytt fel.", "code": 2999999}}))))

    assert outcome.code == "fortnox_refused"
    assert "Nytt fel. (code 2999999)" in outcome.text


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ({"ErrorInformation": {"message": "Har inte behörighet för scope.", "code": 2000663}}, 400, "scope_missing"),
        ({"ErrorInformation": {"message": "Ingen aktiv licens för scope.", "code": 2001101}}, 400, "licence_missing"),
        ({"message": "unauthorized"}, 401, "no_access"),
        ({"ErrorInformation": {"message": "Nej.", "code": 1}}, 403, "no_access"),
    ],
)
def test_what_is_wrong_with_the_connection_is_no_document_s_fault(document: Any, status: int, code: str) -> None:
    problem = lane_problem(answer(document, status))

    assert problem is not None
    assert problem.code == code
    assert lane_problem(answer(SMALL)) is None
