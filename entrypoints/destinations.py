"""The destinations that are built in, by kind."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from application.ports.destination import Destination, LaneContext
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class DestinationKind:
    """What a kind takes (invoice, credit_note, order) and how a connection to it is opened."""

    subjects: frozenset[str]
    open: Callable[[LaneContext], AbstractContextManager[Destination]]


@dataclass(frozen=True, slots=True)
class BuiltInDestinations:
    """The port ``Destinations``: a new kind is one more entry of the mapping."""

    by_kind: Mapping[str, DestinationKind]

    def kinds(self) -> Mapping[str, frozenset[str]]:
        """Each kind, and the subjects it takes."""
        return {name: kind.subjects for name, kind in self.by_kind.items()}

    def open(self, lane: LaneContext) -> AbstractContextManager[Destination]:
        """A connection for one lane."""
        kind = self.by_kind.get(lane.integration.kind)
        if kind is None:
            raise DomainError(
                "kind_unknown",
                f"This version of Billhook knows no integration of kind {lane.integration.kind!r}.",
                "Run the version that does, or remove the integration.",
            )
        return kind.open(lane)
