"""When two documents say the same."""

from dataclasses import replace
from decimal import Decimal

import pytest

from application.ports.books import BookedDocument
from application.ports.ledger import RemoteDocument, RemoteState
from application.reconciling.rules import Rules

OURS = BookedDocument(1, "invoice", "INV-000001", "GBP", Decimal("16.00"), Decimal("3.20"), Decimal("19.20"), None)
THEIRS = RemoteDocument("invoice", "INV-000001", "x-1", RemoteState.OPEN, "GBP", Decimal(16), Decimal("3.2"), Decimal("19.2"))


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (THEIRS, []),
        (replace(THEIRS, net=Decimal("16.01"), tax=Decimal("3.19")), []),
        (replace(THEIRS, tax=Decimal("3.22")), ["tax 3.22 there, 3.20 here"]),
        (replace(THEIRS, total=Decimal("19.21")), ["total 19.21 there, 19.20 here"]),
        (replace(THEIRS, currency="EUR"), ["currency EUR there, GBP here"]),
    ],
)
def test_net_and_tax_may_differ_by_the_tolerance_and_the_total_never(theirs: RemoteDocument, told: list[str]) -> None:
    """Both values are told."""
    assert Rules.of({"rounding_tolerance": "0.01"}).differences(OURS, theirs) == told


@pytest.mark.parametrize(
    ("settings", "drafts"),
    [({}, False), ({"invoice_status": "authorised"}, False), ({"invoice_status": "submitted"}, True), ({"status": "draft"}, True)],
)
def test_drafts_are_in_order_where_the_integration_leaves_them(settings: dict[str, str], drafts: bool) -> None:
    """By either vendor's name for the setting."""
    assert Rules.of(settings).leaves_drafts is drafts
