"""An accounting system that customers and orders are read from."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from application.ports.destination import LaneContext
from domain.companies.flow import FlowDocument, FlowObject


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One record. ``fields`` are it in the names of the public order message; ``record`` as the system has it, for a field map.

    ``remote_id`` is the system's own name for it, ``number`` what people call it, ``reference`` the key of ours that it carries.
    ``is_ours``: by its marks we wrote it there. ``statuses`` are all that can be said of it: ``draft``, ``sent``, ``paid`` …
    ``prefix`` tells it from records of another kind that may have the same id.
    """

    remote_id: str
    number: str
    reference: str
    is_ours: bool
    statuses: frozenset[str]
    made_on: date | None
    fields: Mapping[str, Any]
    record: Mapping[str, Any]
    prefix: str = ""

    @property
    def key(self) -> str:
        """By what it is known among all that a flow may read there."""
        return self.prefix + self.remote_id


@dataclass(frozen=True, slots=True)
class Reading:
    """What a flow wants of its source; a source may make use of it to ask for less, and need not.

    ``document`` stands for an order. What is dated before ``first_day`` or has none of ``statuses`` (small letters; none: all) is not
    wanted. ``taken`` says which of these keys were taken already.
    """

    document: FlowDocument
    first_day: date | None = None
    statuses: frozenset[str] = frozenset()
    taken: Callable[[Collection[str]], Collection[str]] = lambda _keys: ()


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Some records, read as they are gone through, and the cursor that goes on behind them. ``is_last``: nothing more is there for now."""

    items: Iterable[SourceItem]
    cursor: str
    is_last: bool


class Source(Protocol):
    """An open connection to one system. Reads only; raises DomainError and TemporaryFailure."""

    @property
    def scope(self) -> str:
        """``VENDOR:ORGANISATION``, as links are kept under it."""
        ...

    def link_types(self, what: FlowObject) -> tuple[str, ...]:
        """The types of links under which what we wrote there is kept."""
        ...

    def read(self, what: FlowObject, cursor: str) -> SourcePage:
        """The next records. The empty cursor begins; that of a last page begins the next round."""
        ...


class Sources(Protocol):
    """Opens connections, by the kind of the integration."""

    def has(self, kind: str) -> bool:
        """Whether there is something to read."""
        ...

    def open(self, lane: LaneContext, reading: Reading) -> AbstractContextManager[Source]:
        """Raises DomainError("no_source") for a kind that nothing is read from."""
        ...
