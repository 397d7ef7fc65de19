"""The highest numbers of ours that vendors' books hold: what keeps a series from using a number twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.invoicing.document import DocumentType


@dataclass(frozen=True, slots=True)
class NumberSeen:
    """A number of ours in the books of ``integration``."""

    admin_company: str
    type: DocumentType
    number: int
    display_number: str
    integration: str


@dataclass(frozen=True, slots=True)
class NumberGuard:
    """The highest that was seen of a series. ``lifted_number``: up to it a person said that it does not count; 0 where nobody did."""

    seen: NumberSeen
    seen_at: datetime
    lifted_number: int = 0


class NumberGuards(Protocol):
    """The store of guards inside a unit of work."""

    def see(self, seen: NumberSeen, at: datetime) -> None:
        """Keep the number where it is the highest of its series so far."""
        ...

    def find(self, admin_company: str, type_: DocumentType) -> NumberGuard | None:
        """The guard of a series; None where nothing was seen yet."""
        ...

    def list(self) -> Sequence[NumberGuard]:
        """All, by admin company and type."""
        ...

    def lift(self, admin_company: str, type_: DocumentType) -> None:
        """The highest number that was seen so far does not count; a higher one will."""
        ...
