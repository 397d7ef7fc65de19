from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from tests.fakes.fortnox import FakeFortnox, fields
from tests.fakes.fortnox.errors import Refused

VALUES: tuple[Any, ...] = (None, "", "x" * 3000, 5, -5, 5.5, True, [], [1], [None], {}, {"a": 1}, "API_BLANK", "1e999", "NaN", "2026-01-01")
DOCUMENTS = [
    ("customers", {"Name": "Åke"}, fields.CUSTOMER),
    ("articles", {"Description": "Mugg"}, fields.ARTICLE),
    ("invoices", {"CustomerNumber": "C1"}, fields.INVOICE),
    ("orders", {"CustomerNumber": "C1"}, fields.ORDER),
]
ROWS = [("invoices", "InvoiceRows", fields.INVOICE_ROW), ("orders", "OrderRows", fields.ORDER_ROW)]


@pytest.fixture
def fortnox(fake_fortnox: FakeFortnox) -> FakeFortnox:
    """With one customer."""
    fake_fortnox.add_company()
    fake_fortnox.set_up("1000", "customers", CustomerNumber="C1", Name="Åke")
    return fake_fortnox


@pytest.mark.parametrize(("resource", "needed", "template"), DOCUMENTS)
def test_any_value_of_any_field_is_taken_or_refused(
    fortnox: FakeFortnox, resource: str, needed: dict[str, Any], template: Mapping[str, Any]
) -> None:
    """The fake never crashes over what it is sent."""
    for name in template:
        for value in VALUES:
            with suppress(Refused):
                fortnox.set_up("1000", resource, **(needed | {name: value}))

    assert fortnox.effects() == []


@pytest.mark.parametrize(("resource", "rows", "template"), ROWS)
def test_any_value_in_a_row_is_taken_or_refused(fortnox: FakeFortnox, resource: str, rows: str, template: Mapping[str, Any]) -> None:
    """As above."""
    for name in template:
        for value in VALUES:
            with suppress(Refused):
                fortnox.set_up("1000", resource, CustomerNumber="C1", **{rows: [{"Description": "Mugg", name: value}]})

    assert fortnox.effects() == []
