"""What templates may name is what the page for users lists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.mail.template_variables import order_variables, template_variables
from tests.factories import a_company, an_admin_company, an_issued, an_order_document

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


def for_documents() -> dict[str, Any]:
    return template_variables(an_issued(), a_company())


def for_orders() -> dict[str, Any]:
    return order_variables(an_order_document(), a_company(), an_admin_company(), "order-17-90001.xml")


@pytest.mark.parametrize(("section", "variables"), [("Documents", for_documents()), ("Orders", for_orders())])
def test_the_page_lists_every_variable_and_no_other(section: str, variables: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]

    listed = re.findall(r"^\| `([a-z_.\[\]0-9]+)`", page, re.MULTILINE)
    known = [name for name in names(variables) if not name.endswith("[]")]

    assert sorted(listed) == sorted(known)


@pytest.mark.parametrize("variables", [for_documents(), for_orders()])
def test_every_value_is_text(variables: dict[str, Any]) -> None:
    assert {type(leaf) for leaf in leaves(variables)} == {str}


def test_an_order_has_its_prices_and_its_file() -> None:
    variables = for_orders()

    assert (variables["order"]["net"], variables["order"]["tax"], variables["order"]["total"]) == ("16.00", "3.20", "19.20")
    assert [line["sku"] for line in variables["order"]["lines"]] == ["TEE-BLK-M", "SHIPPING"]
    assert variables["file"] == {"name": "order-17-90001.xml"}


def test_amounts_have_the_decimals_of_the_currency() -> None:
    variables = template_variables(an_issued(), a_company())

    assert (variables["invoice"]["net"], variables["invoice"]["tax"], variables["invoice"]["total"]) == ("16.00", "3.20", "19.20")
    assert variables["invoice"]["lines"][0]["quantity"] == "2"
    assert variables["invoice"]["lines"][0]["tax_percent"] == "20"
