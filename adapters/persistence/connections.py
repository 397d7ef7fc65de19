"""The consents of vendors' users. Tokens and what has begun are sealed, each in a place of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Row, Select, select

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import connections
from adapters.persistence.types import without_nul
from application.ports.connections import Connection, ConnectionState, PendingConsent, Tokens
from application.ports.secret_box import SecretBox, secret_place

_TOKENS = "connection.tokens"
_PENDING = "connection.pending"

_c = connections.c
_ALL = select(
    _c.integration,
    _c.state,
    _c.reason,
    _c.client_id,
    _c.organisation_id,
    _c.organisation_name,
    _c.consent_id,
    _c.scopes,
    _c.tokens,
    _c.refreshed_at,
    _c.connected_at,
)
_DECODE_TOKENS = msgspec.json.Decoder(Tokens)
_DECODE_PENDING = msgspec.json.Decoder(PendingConsent)


class SqlConnections:
    """The port ``Connections``."""

    def __init__(self, connection: DatabaseConnection, secret_box: SecretBox) -> None:
        self._connection = connection
        self._secret_box = secret_box

    def find(self, integration: str) -> Connection | None:
        return self._one(_ALL.where(_c.integration == integration))

    def lock(self, integration: str) -> Connection | None:
        return self._one(_ALL.where(_c.integration == integration).with_for_update())

    def list(self) -> Sequence[Connection]:
        return [self._read(row) for row in self._connection.execute(_ALL.order_by(_c.integration))]

    def save(self, connection: Connection, at: datetime) -> None:
        tokens = connection.tokens
        values = {
            "integration": connection.integration,
            "state": connection.state.value,
            "reason": without_nul(connection.reason),
            "client_id": connection.client_id,
            "organisation_id": connection.organisation_id,
            "organisation_name": without_nul(connection.organisation_name),
            "consent_id": connection.consent_id,
            "scopes": " ".join(connection.scopes),
            "tokens": "" if tokens is None else self._seal(tokens, connection.integration, _TOKENS),
            "access_expires_at": None if tokens is None else tokens.access_expires_at,
            "refreshed_at": connection.refreshed_at,
            "connected_at": connection.connected_at,
            "updated_at": at,
        }
        self._upsert(values, {"pending": ""})

    def pending(self, integration: str) -> PendingConsent | None:
        sealed = self._connection.execute(select(_c.pending).where(_c.integration == integration)).scalar()
        return _DECODE_PENDING.decode(self._open(sealed, integration, _PENDING)) if sealed else None

    def save_pending(self, integration: str, pending: PendingConsent | None, at: datetime) -> None:
        sealed = "" if pending is None else self._seal(pending, integration, _PENDING)
        self._upsert({"integration": integration, "pending": sealed, "updated_at": at}, _NOTHING_YET)

    def _upsert(self, values: dict[str, Any], when_new: dict[str, str]) -> None:
        """Insert with ``when_new`` beside the values; a row that is there keeps its own for those."""
        new = insert_or(self._connection, connections).values({**when_new, **values})
        changed = {name: new.excluded[name] for name in values if name != "integration"}
        self._connection.execute(new.on_conflict_do_update(index_elements=[_c.integration], set_=changed))

    def _one(self, query: Select[Any]) -> Connection | None:
        row = self._connection.execute(query).first()
        return None if row is None else self._read(row)

    def _read(self, row: Row[*tuple[Any, ...]]) -> Connection:
        sealed = row.tokens
        return Connection(
            row.integration,
            ConnectionState(row.state),
            row.reason,
            row.client_id,
            row.organisation_id,
            row.organisation_name,
            row.consent_id,
            tuple(row.scopes.split()),
            _DECODE_TOKENS.decode(self._open(sealed, row.integration, _TOKENS)) if sealed else None,
            row.refreshed_at,
            row.connected_at,
        )

    def _seal(self, value: Tokens | PendingConsent, integration: str, name: str) -> str:
        return self._secret_box.seal(msgspec.json.encode(value).decode(), secret_place(integration, name))

    def _open(self, sealed: str, integration: str, name: str) -> str:
        return self._secret_box.open(sealed, secret_place(integration, name))


# What a row is where a consent has begun and none was ever finished.
_NOTHING_YET = {
    "state": ConnectionState.NOT_CONNECTED.value,
    **dict.fromkeys(("reason", "client_id", "organisation_id", "organisation_name", "consent_id", "scopes", "tokens"), ""),
}
