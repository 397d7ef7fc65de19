"""What a kind of replay must be able to do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.replays import Replay, Selection
from application.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Driven:
    """How many of a batch were not right already, the lanes that got work by it, and the documents that were owed by it."""

    changed: int
    lanes: tuple[str, ...] = ()
    documents: frozenset[int] = frozenset()


class ReplayStep(Protocol):
    """One kind of thing: how a selection is walked, and what driving it again means."""

    def select(self, uow: UnitOfWork, wanted: Selection, after: int, limit: int) -> Sequence[int]:
        """The next ids of the selection behind ``after``, ascending."""
        ...

    def drive(self, uow: UnitOfWork, ids: Sequence[int], replay: Replay, now: datetime, but: Collection[int] = ()) -> Driven:
        """Drive them again inside the unit of work. Doing it once more changes nothing.

        ``but`` are documents to leave out: a rehearsal keeps nothing, and would meet one of many orders in batch after batch.
        """
        ...


def of_ids(wanted: Selection, after: int, limit: int) -> Sequence[int]:
    """The next of the ids that were named."""
    return sorted({id_ for id_ in wanted.ids if id_ > after})[:limit]
