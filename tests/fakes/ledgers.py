"""A vendor's books in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from application.ports.destination import LaneContext
from application.ports.documents import DocumentRow
from application.ports.ledger import Ledger, RemoteDocument, RemoteState
from domain.errors import DomainError, TemporaryFailure


class InMemoryLedgers:
    """The ports ``Ledgers`` and ``Ledger``: one row of documents for every lane of a kind; ``fails`` is raised behind the first."""

    def __init__(self, *kinds: str) -> None:
        self._kinds = kinds or ("pdf_emailer",)
        self.rows: list[RemoteDocument] = []
        self.fails: DomainError | TemporaryFailure | None = None
        self.asked_since: list[datetime | None] = []

    def keeps(self, kind: str) -> bool:
        return kind in self._kinds

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Ledger]:
        del lane
        yield self

    def documents(self, since: datetime | None) -> Iterator[RemoteDocument]:
        self.asked_since.append(since)
        for row in list(self.rows):
            yield row
            if self.fails is not None:
                raise self.fails


def as_remote(row: DocumentRow, **changes: Any) -> RemoteDocument:
    """One of our documents as it would be there."""
    known: dict[str, Any] = {
        "type": row.type,
        "number": row.display_number,
        "remote_id": f"remote-{row.number}",
        "state": RemoteState.OPEN,
        "currency": row.currency,
        "net": row.net,
        "tax": row.tax,
        "total": row.total,
    }
    return RemoteDocument(**{**known, **changes})


def a_stranger(number: str, **changes: Any) -> RemoteDocument:
    """A document there that nobody here knows."""
    known: dict[str, Any] = {
        "type": "invoice",
        "remote_id": f"remote-{number}",
        "state": RemoteState.OPEN,
        "currency": "GBP",
        "net": Decimal(10),
        "tax": Decimal(2),
        "total": Decimal(12),
    }
    return RemoteDocument(**{**known, "number": number, **changes})
