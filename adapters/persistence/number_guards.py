"""The highest numbers of ours that vendors' books hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import number_guards
from application.ports.number_guards import NumberGuard, NumberSeen
from domain.invoicing.document import DocumentType

_c = number_guards.c
_GUARD = select(_c.admin_company, _c.type, _c.highest_number, _c.display_number, _c.integration, _c.seen_at, _c.lifted_number)


class SqlNumberGuards:
    """The port ``NumberGuards``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def see(self, seen: NumberSeen, at: datetime) -> None:
        found = {"highest_number": seen.number, "display_number": seen.display_number, "integration": seen.integration, "seen_at": at}
        new = insert_or(self._connection, number_guards).values(admin_company=seen.admin_company, type=seen.type.value, **found)
        higher = _c.highest_number < new.excluded.highest_number
        self._connection.execute(new.on_conflict_do_update(index_elements=[_c.admin_company, _c.type], set_=found, where=higher))

    def find(self, admin_company: str, type_: DocumentType) -> NumberGuard | None:
        row = self._connection.execute(_GUARD.where(_c.admin_company == admin_company, _c.type == type_.value)).first()
        return None if row is None else _guard(row)

    def list(self) -> Sequence[NumberGuard]:
        return [_guard(row) for row in self._connection.execute(_GUARD.order_by(_c.admin_company, _c.type))]

    def lift(self, admin_company: str, type_: DocumentType) -> None:
        lifted = update(number_guards).where(_c.admin_company == admin_company, _c.type == type_.value)
        self._connection.execute(lifted.values(lifted_number=_c.highest_number))


def _guard(row: Row[*tuple[Any, ...]]) -> NumberGuard:
    admin_company, type_, number, display_number, integration, seen_at, lifted_number = row
    return NumberGuard(NumberSeen(admin_company, DocumentType(type_), number, display_number, integration), seen_at, lifted_number)
