"""The examples of the page about the field map are run, and its lists are those of the code."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS, source_of
from domain.mapping.field_map import parse_field_map
from domain.mapping.functions import FUNCTIONS
from domain.mapping.rule import KEYS
from tests.docs.pages import ROOT, blocks
from tests.factories import an_issued, an_order_document

PAGE = ROOT / "docs/reference/field-map.md"
EXAMPLES = [yaml.safe_load("\n".join(block.lines)) for block in blocks(PAGE) if block.language == "yaml"]


def shown(value: Any) -> Any:
    """A result as the page shows it: decimals and dates as text."""
    if isinstance(value, dict):
        return {name: shown(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shown(inner) for inner in value]
    return str(value) if isinstance(value, Decimal | date) else value


def first_cells(header: str) -> list[str]:
    """The code in the first cell of each row of a table."""
    table = PAGE.read_text(encoding="utf-8").partition(f"| {header} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)


def test_the_page_has_examples() -> None:
    """Else the next test would pass without a look."""
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: next(iter(example["field_map"])))
def test_an_example_gives_the_result_it_shows(example: dict[str, Any]) -> None:
    """Fields in the same order too."""
    result = shown(parse_field_map(example["field_map"]).apply(example["source"]))

    assert list(result) == list(example["result"])
    assert result == shown(example["result"])


def test_the_functions_and_keys_on_the_page_are_those_of_the_code() -> None:
    """In the same order."""
    assert first_cells("function") == list(FUNCTIONS)
    assert sorted(first_cells("key")) == sorted(KEYS)


@pytest.mark.parametrize(
    ("header", "document", "roots"),
    [("of an order", an_order_document(), ORDER_ROOTS), ("of an invoice or credit note", an_issued(), INVOICE_ROOTS)],
    ids=["order", "invoice"],
)
def test_what_can_be_read_is_on_the_page(header: str, document: Any, roots: frozenset[str]) -> None:
    """The first names of a source."""
    table = PAGE.read_text(encoding="utf-8").partition(f"| {header} |")[2].partition("\n\n")[0]

    assert set(source_of(document)) == roots
    assert (
        set(re.findall(r"`(\w+)(?:\[\])?\.…`", table.replace("`item.…`", "").replace("`address.…`", "").replace("`bank.…`", ""))) == roots
    )
