"""The records of one kind in one organisation. A saved record is never changed, only replaced, so a copy of the table is a snapshot."""

from collections.abc import Callable
from typing import Self

from tests.fakes.xero.wire import Body

UniqueKeys = Callable[[Body], list[str]]


class Table:
    """Records by id. ``unique_keys`` gives the texts that no two records may share, compared without case."""

    def __init__(self, id_name: str, number_name: str, unique_keys: UniqueKeys) -> None:
        self.id_name = id_name
        self.number_name = number_name
        self.created: list[str] = []
        self.overwritten: list[str] = []
        self._unique_keys = unique_keys
        self._rows: dict[str, Body] = {}
        self._ids: dict[str, str] = {}
        self._hidden: dict[str, int] = {}

    def copy(self) -> "Table":
        """A snapshot."""
        other = Table(self.id_name, self.number_name, self._unique_keys)
        other.restore(self)
        return other

    def restore(self, earlier: Self) -> None:
        """Be as that table was."""
        self.created, self.overwritten = list(earlier.created), list(earlier.overwritten)
        self._rows, self._ids, self._hidden = dict(earlier._rows), dict(earlier._ids), dict(earlier._hidden)

    def save(self, record: Body) -> None:
        """Create or replace."""
        record_id = record[self.id_name]
        before = self._rows.get(record_id)
        for key in self._unique_keys(before) if before else []:
            self._ids.pop(key.casefold(), None)
        self._rows[record_id] = record
        self._ids.update({key.casefold(): record_id for key in self._unique_keys(record)})
        effects = self.overwritten if before else self.created
        effects.append(str(record.get(self.number_name, "")))

    def forget(self, record_id: str) -> None:
        """As if it had never been; that it was created stays counted."""
        for key in self._unique_keys(self._rows.pop(record_id)):
            self._ids.pop(key.casefold(), None)

    def get(self, record_id: str) -> Body | None:
        return self._rows.get(record_id)

    def owner_of(self, key: str) -> Body | None:
        """The record that has this unique key, whether or not look-ups find it."""
        return self._rows.get(self._ids.get(key.casefold(), ""))

    def rows(self) -> list[Body]:
        """All records, in the order of their creation."""
        return list(self._rows.values())

    def hide(self, record_id: str, calls: int) -> None:
        """Let the next so many look-ups miss a record."""
        self._hidden[record_id] = calls

    def found(self) -> list[Body]:
        """What one look-up finds."""
        missed = set(self._hidden)
        self._hidden = {record_id: left - 1 for record_id, left in self._hidden.items() if left > 1}
        return [row for record_id, row in self._rows.items() if record_id not in missed]
