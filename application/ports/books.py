"""Our own books, as they are compared with a vendor's: issued documents with what became of them at one integration."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from domain.delivery.state import DeliveryState


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """How the delivery of a document to the integration stands."""

    delivery_id: int
    state: DeliveryState
    remote_id: str
    last_error: str
    next_step: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """An issued document. ``delivery`` is None where the integration is not owed it."""

    document_id: int
    type: str
    display_number: str
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    delivery: DeliveryStanding | None


class Books(Protocol):
    """Reads inside a unit of work."""

    def by_numbers(self, integration: str, admin_company: str, type_: str, numbers: Collection[str]) -> Mapping[str, BookedDocument]:
        """The documents of these display numbers that the integration is owed, or else that the admin company issued."""
        ...

    def last_issued_at(self, admin_company: str) -> datetime | None:
        """When the last document of an admin company was issued, whatever its type; None where none was."""
        ...

    def owed(self, integration: str, since: datetime | None, after: int, limit: int) -> Sequence[BookedDocument]:
        """The documents the integration is owed, by delivery id behind ``after``; with ``since`` those owed from then on."""
        ...
