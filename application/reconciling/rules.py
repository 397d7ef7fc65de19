"""When two documents say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from application.ports.books import BookedDocument
from application.ports.ledger import RemoteDocument
from domain.money import ZERO

_DRAFTS = frozenset({"draft", "submitted"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What an integration's settings allow: net and tax may differ by the tolerance of its rounding line, the total never."""

    tolerance: Decimal
    leaves_drafts: bool

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """By the names that the accounting kinds share."""
        status = str(settings.get("invoice_status") or settings.get("status") or "")
        return cls(Decimal(str(settings.get("rounding_tolerance") or ZERO)), status in _DRAFTS)

    def differences(self, ours: BookedDocument, theirs: RemoteDocument) -> list[str]:
        """What is not the same, each with both values."""
        told = [] if theirs.currency == ours.currency else [f"currency {theirs.currency} there, {ours.currency} here"]
        for name, there, here, tolerance in (
            ("net", theirs.net, ours.net, self.tolerance),
            ("tax", theirs.tax, ours.tax, self.tolerance),
            ("total", theirs.total, ours.total, ZERO),
        ):
            if abs(there - here) > tolerance:
                told.append(f"{name} {there:f} there, {here:f} here")
        return [*told, *theirs.differs]
