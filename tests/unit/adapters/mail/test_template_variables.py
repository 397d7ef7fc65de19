"""What templates may name is what the page for users lists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.mail.template_variables import template_variables
from tests.factories import a_company, an_issued

PAGE = Path(__file__).resolve().parents[4] / "docs/reference/template-variables.md"


def names(value: Any, path: str = "") -> Iterator[str]:
    """Every name as the page writes it: ``invoice.orders[].ref``."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from names(member, f"{path}.{name}" if path else name)
        return
    yield path
    if isinstance(value, list):
        yield from names(value[0], f"{path}[]")


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for member in value.values():
            yield from leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member)
    else:
        yield value


def test_the_page_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z_.\[\]0-9]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    known = [name for name in names(template_variables(an_issued(), a_company())) if not name.endswith("[]")]

    assert sorted(listed) == sorted(known)


def test_every_value_is_text() -> None:
    assert {type(leaf) for leaf in leaves(template_variables(an_issued(), a_company()))} == {str}


def test_amounts_have_the_decimals_of_the_currency() -> None:
    variables = template_variables(an_issued(), a_company())

    assert (variables["invoice"]["net"], variables["invoice"]["tax"], variables["invoice"]["total"]) == ("16.00", "3.20", "19.20")
    assert variables["invoice"]["lines"][0]["quantity"] == "2"
    assert variables["invoice"]["lines"][0]["tax_percent"] == "20"
