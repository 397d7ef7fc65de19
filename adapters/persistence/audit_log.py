"""Who did what and why."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from adapters.persistence.tables import audit_log
from application.ports.audit_log import AuditEntry, AuditFilter, NumberedEntry

_c = audit_log.c
_ENTRY = select(_c.at, _c.actor, _c.action, _c.subject, _c.reason, _c.detail)


class SqlAuditLog:
    """The port ``AuditLog``. The database refuses to change or delete what is in it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        values = {
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "reason": entry.reason,
            "detail": entry.detail,
        }
        self._connection.execute(insert(audit_log).values(values))

    def about(self, subject: str) -> Sequence[AuditEntry]:
        rows = self._connection.execute(_ENTRY.where(_c.subject == subject).order_by(_c.id))
        return [AuditEntry(*row) for row in rows]

    def list(self, wanted: AuditFilter, before: int, limit: int) -> Sequence[NumberedEntry]:
        query = select(_c.id, *_ENTRY.selected_columns).order_by(_c.id.desc()).limit(limit)
        for column, value in ((_c.actor, wanted.actor), (_c.action, wanted.action), (_c.subject, wanted.subject)):
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(_c.at >= wanted.since)
        if before:
            query = query.where(_c.id < before)
        return [NumberedEntry(row.id, AuditEntry(*row[1:])) for row in self._connection.execute(query)]
