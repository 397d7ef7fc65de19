"""What things of ours are called at a vendor."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import remote_links
from application.ports.remote_links import RemoteLink

_CHUNK = 500

_c = remote_links.c
_LINKS = (
    select(_c.type, _c.key, _c.remote_id, _c.fingerprint)
    .where(_c.scope == bindparam("scope"), _c.type == bindparam("type"))
    .order_by(_c.key)
)


class SqlRemoteLinks:
    """The port ``RemoteLinks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_key(self, scope: str, type_: str, keys: Collection[str]) -> Mapping[str, RemoteLink]:
        return {link.key: link for link in self._found(scope, type_, _c.key, keys)}

    def by_remote_id(self, scope: str, type_: str, remote_ids: Collection[str]) -> Mapping[str, RemoteLink]:
        found: dict[str, RemoteLink] = {}
        for link in self._found(scope, type_, _c.remote_id, remote_ids):
            found.setdefault(link.remote_id, link)
        return found

    def put(self, scope: str, links: Sequence[RemoteLink], at: datetime) -> None:
        # Two workers that put the same links in another order must not wait for one another.
        last = {(link.type, link.key): link for link in links}
        rows = [
            {"scope": scope, "type": type_, "key": key, "remote_id": link.remote_id, "fingerprint": link.fingerprint, "updated_at": at}
            for (type_, key), link in sorted(last.items())
        ]
        if not rows:
            return
        new = insert_or(self._connection, remote_links)
        changed = {name: new.excluded[name] for name in ("remote_id", "fingerprint", "updated_at")}
        self._connection.execute(new.on_conflict_do_update(index_elements=[_c.scope, _c.type, _c.key], set_=changed), rows)

    def remove(self, scope: str, type_: str, key: str) -> None:
        self._connection.execute(delete(remote_links).where(_c.scope == scope, _c.type == type_, _c.key == key))

    def _found(self, scope: str, type_: str, column: ColumnElement[str], values: Collection[str]) -> Iterator[RemoteLink]:
        wanted = iter(sorted(set(values)))
        while chunk := list(islice(wanted, _CHUNK)):
            for row in self._connection.execute(_LINKS.where(column.in_(chunk)), {"scope": scope, "type": type_}):
                yield RemoteLink(row.type, row.key, row.remote_id, row.fingerprint)
