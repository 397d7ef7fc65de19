"""The books of a vendor, read to compare them with what was issued."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from application.ports.destination import LaneContext


class RemoteState(StrEnum):
    """How a document stands in the vendor's books. ``voided`` also means deleted or cancelled."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """An invoice or credit note there. ``number`` is ours, as it was sent; ``type`` is invoice or credit_note.

    ``differs`` is what only the adapter can see that is not as it was sent, such as another contact, each with both values.
    ``keeps_number``: where it is void, it keeps its number, so that no other document can have it there.
    """

    type: str
    number: str
    remote_id: str
    state: RemoteState
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    differs: tuple[str, ...] = ()
    keeps_number: bool = False


class Ledger(Protocol):
    """The open books of one organisation. Its calls are the kind that can wait."""

    def documents(self, since: datetime | None) -> Iterator[RemoteDocument]:
        """All documents that carry a number of ours could be among these, page by page; with ``since`` those changed after it."""
        ...


class Ledgers(Protocol):
    """Opens ledgers."""

    def keeps(self, kind: str) -> bool:
        """Whether a kind of integration has books to read."""
        ...

    def open(self, lane: LaneContext) -> AbstractContextManager[Ledger]:
        """The books of a lane's integration. Raises DomainError("needs_reauth") and TemporaryFailure."""
        ...
