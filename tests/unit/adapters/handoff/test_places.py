import pytest

from adapters.handoff.places import filled, has_value, value_at
from domain.errors import Invalid

DOCUMENT = {"data": {"id": 7, "lines": [{"sku": "A"}, {"sku": ""}]}, "none": None, "no": False, "zero": 0, "text": "abc", "list": []}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.id", 7),
        ("data.lines[0].sku", "A"),
        ("data.lines.0.sku", "A"),
        ("data.lines[2].sku", None),
        ("data.lines[-1].sku", None),
        ("data.lines.sku", None),
        ("text[0]", None),
        ("data.id.more", None),
        ("missing", None),
        (".", DOCUMENT),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path: str, value: object) -> None:
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("path", "there"),
    [("data.id", True), ("zero", True), ("none", False), ("no", False), ("list", False), ("data.lines[1].sku", False), ("missing", False)],
)
def test_nothing_empty_and_false_do_not_count_as_a_value(path: str, there: bool) -> None:
    assert has_value(DOCUMENT, path) is there


def test_names_in_braces_are_filled_and_cannot_leave_their_place() -> None:
    address = filled("https://partner.example/{data.id}/{text}?t={token}", {**DOCUMENT, "text": "../a?b=c#d"}, "x&y")

    assert address == "https://partner.example/7/..%2Fa%3Fb%3Dc%23d?t=x%26y"


@pytest.mark.parametrize("name", ["missing", "data", "list", "", "empty", "blank", "here", "above"])
def test_a_name_without_a_value_that_can_stand_in_an_address_is_a_mistake(name: str) -> None:
    """An empty value and dots would lead to the list of all documents, which is always there."""
    document = {**DOCUMENT, "empty": "", "blank": " ", "here": ".", "above": ".."}

    with pytest.raises(Invalid, match="look_up_url"):
        filled("https://partner.example/{" + name + "}", document, "t")
