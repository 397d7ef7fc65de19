from typing import Any

import pytest

from adapters.accounting.xero.complaints import is_refused, messages_in, problem_in, refused


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Users Organisation is not subscribed to currency NZD", "currency_not_subscribed"),
        ("The document date cannot be before the period lock date 30 June 2026", "period_locked"),
        ("The contact name ABC is already assigned to another contact.", "contact_name_taken"),
        ("Email address must be valid.", "email_invalid"),
        ("The TaxType code 'OUTPUT' cannot be used with account code '630'.", "tax_type_not_for_account"),
        ("Account code '999' is not a valid code for this document. Account must be valid.", "account_invalid"),
        ("Tax rate must be valid.", "tax_type_invalid"),
        ("You have reached the limit of invoices you can approve", "plan_limit"),
        ("Invoice not of valid status for modification", "status_invalid"),
        ("This document cannot be edited as it has a payment or credit note allocated to it.", "not_editable"),
        ("The quantity of item 'A' exceeds the quantity on hand (3).", "stock_missing"),
        ("Price List Item with Code 'A' already exists", "item_exists"),
        ("Something nobody has seen before", "xero_refused"),
    ],
)
def test_every_complaint_has_a_code_and_a_next_step_and_keeps_its_words(message: str, code: str) -> None:
    outcome = refused([message])

    assert outcome.code == code
    assert message in outcome.text
    assert outcome.next_step.endswith(", then: billhook deliveries retry {delivery}")


@pytest.mark.parametrize("key", ["Message", "Description"])
def test_complaints_are_found_wherever_they_stand(key: str) -> None:
    element = {
        "ValidationErrors": [{key: "one"}, {key: "one"}],
        "Contact": {"ValidationErrors": [{key: "two"}]},
        "LineItems": [{"ValidationErrors": [{key: "three"}]}, {"ValidationErrors": None}],
    }

    assert messages_in(element) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "Invalid Json data"}, "Invalid Json data"),
        ({"Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired"}, "TokenExpired"),
        ({"title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful"}, "AuthenticationUnsuccessful"),
        ({"Message": "A validation exception occurred", "Elements": [{"ValidationErrors": [{"Message": "bad"}]}]}, "bad"),
        (None, "<html>502</html>"),
        ([], "<html>502</html>"),
        ({}, "<html>502</html>"),
    ],
)
def test_every_shape_of_an_error_is_read(document: Any, expected: str) -> None:
    assert problem_in(document, "<html>502</html>") == expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"HasErrors": True}, True),
        ({"StatusAttributeString": "ERROR"}, True),
        ({"ValidationErrors": [{"Message": "bad"}]}, True),
        ({"StatusAttributeString": "WARNING", "Warnings": [{"Message": "hm"}], "ValidationErrors": []}, False),
        ({"HasErrors": False, "StatusAttributeString": "OK"}, False),
    ],
)
def test_an_answer_of_200_may_hold_a_refusal(element: dict[str, Any], expected: bool) -> None:
    assert is_refused(element) is expected
