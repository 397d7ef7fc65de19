"""Calls made at vendors, one row for each limit of theirs."""

from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import call_budgets
from domain.delivery.call_budget import Calls

_c = call_budgets.c
_KEY = bindparam("of_key", type_=_c.key.type)
_FIND = select(_c.calls).where(_c.key == _KEY)
_LOCK = _FIND.with_for_update()
_SAVE = update(call_budgets).where(_c.key == _KEY).values(calls=bindparam("made"), updated_at=bindparam("at"))
_DECODE = msgspec.json.Decoder(Calls)
_NONE = "{}"
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class SqlCallBudgets:
    """The port ``CallBudgets``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: str) -> Calls:
        return _DECODE.decode(self._connection.execute(_FIND, {"of_key": key}).scalar() or _NONE)

    def lock(self, key: str) -> Calls:
        made = self._connection.execute(_LOCK, {"of_key": key}).scalar()
        if made is None:
            # A row that is not there cannot be locked. Of two that add it at once, the second waits for the first.
            first = insert_or(self._connection, call_budgets).values(key=key, calls=_NONE, updated_at=_NEVER)
            self._connection.execute(first.on_conflict_do_nothing())
            made = self._connection.execute(_LOCK, {"of_key": key}).scalar_one()
        return _DECODE.decode(made)

    def save(self, key: str, calls: Calls, at: datetime) -> None:
        self._connection.execute(_SAVE, {"of_key": key, "made": msgspec.json.encode(calls).decode(), "at": at})
