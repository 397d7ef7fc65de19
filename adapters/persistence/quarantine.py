"""Messages that could not be read."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, insert, select, text, update

from adapters.persistence.tables import quarantined_messages
from adapters.persistence.types import without_nul
from application.ports.quarantine import Dismissal, IncomingMessage, QuarantinedMessage

BODY_KEPT_BYTES = 1024 * 1024

_c = quarantined_messages.c
_OPEN = and_(_c.replayed_at.is_(None), _c.dismissed_at.is_(None))
_FOUND = select(
    _c.id,
    _c.reason,
    _c.path,
    _c.size,
    _c.body_sha256,
    _c.received_at,
    _c.replayed_at,
    _c.dismissed_at,
    _c.dismissed_by,
    _c.dismissed_because,
    _c.headers,
    _c.body,
    _c.message_id,
    _c.type,
    _c.routing_key,
    _c.origin,
)


class SqlQuarantine:
    """The port ``Quarantine``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message: IncomingMessage, reason: str, path: str, received_at: datetime) -> None:
        texts = {
            "message_id": message.message_id,
            "type": message.type,
            "routing_key": message.routing_key,
            "origin": message.origin,
            "reason": reason,
            "path": path,
        }
        row = {
            "body": message.body[:BODY_KEPT_BYTES],
            "size": len(message.body) if message.size is None else message.size,
            "body_sha256": message.sha256 or sha256(message.body).hexdigest(),
            "headers": msgspec.json.encode(dict(message.headers)).decode(),
            "received_at": received_at,
            **{name: without_nul(words) for name, words in texts.items()},
        }
        if not self._is_there(row):
            self._connection.execute(insert(quarantined_messages).values(row))

    def _is_there(self, row: dict[str, Any]) -> bool:
        # The broker sends again what was set aside right before its worker died. Twice in one message is twice, though.
        same = select(_c.id).where(_c.body_sha256 == row["body_sha256"], _c.message_id == row["message_id"])
        same = same.where(_OPEN, _c.received_at < row["received_at"])
        return bool(row["message_id"]) and self._connection.execute(same.limit(1)).first() is not None

    def find(self, quarantine_id: int) -> QuarantinedMessage | None:
        row = self._connection.execute(_FOUND.where(_c.id == quarantine_id)).first()
        return None if row is None else _message(row)

    def list(self, after: int, limit: int, *, open_only: bool, since: datetime | None = None) -> Sequence[QuarantinedMessage]:
        query = _FOUND.where(_c.id > after).order_by(_c.id).limit(limit)
        if open_only:
            query = query.where(_OPEN)
        if since is not None:
            query = query.where(_c.received_at >= since)
        return [_message(row) for row in self._connection.execute(query)]

    def open_ids(self, after: int, since: datetime | None, until: datetime | None, limit: int) -> Sequence[int]:
        query = select(_c.id).where(_c.id > after, _OPEN).order_by(_c.id).limit(limit)
        if since is not None:
            query = query.where(_c.received_at >= since)
        if until is not None:
            query = query.where(_c.received_at < until)
        return self._connection.execute(query).scalars().all()

    def by_message_id(self, message_id: str) -> Sequence[QuarantinedMessage]:
        # The second condition is the index's own: without it the index is of no use.
        same = _FOUND.where(_c.message_id == without_nul(message_id), text("message_id <> ''")).order_by(_c.id)
        return [_message(row) for row in self._connection.execute(same)] if message_id else []

    def mark_replayed(self, quarantine_id: int, at: datetime) -> bool:
        mark = update(quarantined_messages).where(_c.id == quarantine_id, _c.dismissed_at.is_(None)).values(replayed_at=at)
        return self._connection.execute(mark).rowcount == 1

    def dismiss(self, quarantine_id: int, dismissal: Dismissal) -> bool:
        words = {"dismissed_by": without_nul(dismissal.actor), "dismissed_because": without_nul(dismissal.reason)}
        mark = update(quarantined_messages).where(_c.id == quarantine_id, _OPEN).values(dismissed_at=dismissal.at, **words)
        return self._connection.execute(mark).rowcount == 1


def _message(row: Row[*tuple[Any, ...]]) -> QuarantinedMessage:
    id_, reason, path, size, body_sha256, received_at, replayed_at, dismissed_at, actor, because, *rest = row
    headers, body, message_id, type_, routing_key, origin = rest
    whole = (size, body_sha256) if size > len(body) else (None, None)
    message = IncomingMessage(bytes(body), message_id, type_, routing_key, msgspec.json.decode(headers), origin, *whole)
    dismissal = None if dismissed_at is None else Dismissal(dismissed_at, actor, because)
    return QuarantinedMessage(id_, message, reason, path, size, body_sha256, received_at, replayed_at, dismissal)
