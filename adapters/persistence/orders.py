"""Orders and the trace of the messages about them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, and_, bindparam, func, select, text, update

from adapters.persistence.bulk import RECORDS, as_records, dialect_of, insert_rows, records
from adapters.persistence.errors import refused_as
from adapters.persistence.tables import order_arrivals, orders
from adapters.persistence.types import as_text, without_nul
from application.ports.orders import (
    ArrivalRecord,
    ConcurrentOrder,
    KnownOrder,
    OrderFilter,
    OrderKey,
    OrderRow,
    OrderVersion,
    StoredOrder,
)
from domain.invoicing.decision import Decision
from domain.orders.versions import Arrival, VersionMark

# All that a new version of an order brings.
_VERSION = (
    "version",
    "updated_at",
    "external_ref",
    "company_ref",
    "status",
    "created_at",
    "billing_fingerprint",
    "decision",
    "revision",
    "body_sha256",
    "body",
    "received_at",
)
_ARRIVAL = ("source", "ref", "version", "body_sha256", "outcome", "message_id", "detail", "received_at")

_c = orders.c
_STORED = select(
    _c.id,
    _c.source,
    _c.ref,
    _c.company_ref,
    _c.body,
    _c.decision,
    _c.revision,
    _c.billing_fingerprint,
    _c.invoiced_fingerprint,
    _c.invoice_number,
)
_LISTED = select(
    _c.id,
    _c.source,
    _c.ref,
    _c.external_ref,
    _c.company_ref,
    _c.status,
    _c.decision,
    func.nullif(_c.invoice_number, ""),
    _c.version,
    _c.created_at,
    _c.received_at,
)
_READ_DUE = (
    _STORED.where(_c.company_ref == bindparam("company"), _c.decision == Decision.DUE.value, _c.id > bindparam("after"))
    .order_by(_c.id)
    .limit(bindparam("limit"))
)
_READ_OPEN = _STORED.where(_c.document_id.is_(None), _c.id > bindparam("after")).order_by(_c.id).limit(bindparam("limit"))
_LOCK_DUE = _READ_DUE.with_for_update()
_a = order_arrivals.c
_ARRIVED = select(_a.received_at, _a.source, _a.ref, _a.version, _a.body_sha256, _a.outcome, _a.message_id, _a.detail).order_by(_a.id)
# Jumps from company to company in the index: the cost is that of the companies with due orders, not of the orders.
_COMPANIES_WITH_DUE = text(
    "WITH RECURSIVE found(company) AS ("
    " SELECT min(company_ref) FROM orders WHERE decision = 'due'"
    " UNION ALL"
    " SELECT (SELECT min(company_ref) FROM orders WHERE decision = 'due' AND company_ref > found.company)"
    " FROM found WHERE found.company IS NOT NULL"
    ") SELECT company FROM found WHERE company IS NOT NULL"
)


@cache
def _lock_known(dialect: str) -> Select[Any]:
    key = records(dialect, _c.source, _c.ref)
    known = select(_c.source, _c.ref, _c.id, _c.invoice_number, _c.invoiced_fingerprint, _c.version, _c.updated_at, _c.body_sha256)
    same = and_(_c.source == key.c.source, _c.ref == key.c.ref)
    return known.join_from(orders, key, same).order_by(_c.id).with_for_update(of=orders)


@cache
def _read_by_id(dialect: str) -> Select[Any]:
    wanted = select(records(dialect, _c.id).c.id)
    return _STORED.where(_c.id.in_(wanted)).order_by(_c.id)


@cache
def _lock_by_id(dialect: str) -> Select[Any]:
    return _read_by_id(dialect).with_for_update()


@cache
def _lock_outdated(dialect: str) -> Select[Any]:
    return _lock_by_id(dialect).where(_c.document_id.is_(None), _c.revision < bindparam("below"))


@cache
def _update(dialect: str, *names: str) -> Update:
    record = records(dialect, _c.id, *(_c[name] for name in names))
    return update(orders).where(_c.id == record.c.id).values({name: record.c[name] for name in names})


class SqlOrders:
    """The port ``Orders``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = dialect_of(connection)

    def lock_known(self, keys: Sequence[OrderKey]) -> Mapping[OrderKey, KnownOrder]:
        if not keys:
            return {}
        wanted = as_records(("source", "ref"), set(keys))
        rows = self._connection.execute(_lock_known(self._dialect), {RECORDS: wanted})
        return {(source, ref): KnownOrder(id_, VersionMark(*mark), number, hash_) for source, ref, id_, number, hash_, *mark in rows}

    def record(self, versions: Sequence[OrderVersion], arrivals: Sequence[ArrivalRecord], received_at: datetime) -> None:
        # By key, so that two intakes that bring the same new orders wait for each other in one direction.
        new = sorted((each for each in versions if each.order_id is None), key=_key)
        if len({_key(each) for each in new}) < len(new):
            raise ValueError("a new order stands twice among the versions to record")
        rows = [(each.source, each.ref, *_values(each, received_at)) for each in new]
        with refused_as(ConcurrentOrder("another intake stored one of these new orders first")):
            insert_rows(self._connection, orders, ("source", "ref", *_VERSION), rows)
        self._update(_VERSION, [(each.order_id, *_as_json(_values(each, received_at))) for each in versions if each.order_id is not None])
        traces = [
            (
                each.source,
                each.ref,
                each.version,
                each.body_sha256,
                str(each.outcome),
                without_nul(each.message_id),
                without_nul(each.detail),
                received_at,
            )
            for each in arrivals
        ]
        insert_rows(self._connection, order_arrivals, _ARRIVAL, traces)

    def lock_due(self, company_ref: str, after_id: int, limit: int) -> Sequence[StoredOrder]:
        return _stored(self._connection.execute(_LOCK_DUE, {"company": company_ref, "after": after_id, "limit": limit}))

    def read_due(self, company_ref: str, after_id: int, limit: int) -> Sequence[StoredOrder]:
        return _stored(self._connection.execute(_READ_DUE, {"company": company_ref, "after": after_id, "limit": limit}))

    def due_ids(self, company_ref: str) -> Sequence[int]:
        due = select(_c.id).where(_c.company_ref == company_ref, _c.decision == Decision.DUE.value).order_by(_c.id)
        return self._connection.execute(due).scalars().all()

    def read_open(self, after_id: int, limit: int) -> Sequence[StoredOrder]:
        return _stored(self._connection.execute(_READ_OPEN, {"after": after_id, "limit": limit}))

    def read_many(self, order_ids: Sequence[int]) -> Sequence[StoredOrder]:
        wanted = as_records(("id",), [(order_id,) for order_id in order_ids])
        return _stored(self._connection.execute(_read_by_id(self._dialect), {RECORDS: wanted}))

    def lock_many(self, order_ids: Sequence[int]) -> Sequence[StoredOrder]:
        wanted = as_records(("id",), [(order_id,) for order_id in order_ids])
        return _stored(self._connection.execute(_lock_by_id(self._dialect), {RECORDS: wanted}))

    def lock_outdated(self, company_ref: str | None, revision: int, limit: int) -> Sequence[StoredOrder]:
        oldest = select(_c.id).where(_c.document_id.is_(None), _c.revision < revision).order_by(_c.revision, _c.id).limit(limit)
        if company_ref is not None:
            oldest = oldest.where(_c.company_ref == company_ref)
        # The oldest are found by the index and then locked by id. None is left where others did them all: then look again.
        while ids := self._connection.execute(oldest).all():
            parameters = {RECORDS: as_records(("id",), ids), "below": revision}
            if locked := _stored(self._connection.execute(_lock_outdated(self._dialect), parameters)):
                return locked
        return []

    def set_decisions(self, decisions: Sequence[tuple[int, str]], revision: int) -> None:
        self._update(("decision", "revision"), [(order_id, decision, revision) for order_id, decision in decisions])

    def companies_with_due(self) -> Sequence[str]:
        return self._connection.execute(_COMPANIES_WITH_DUE).scalars().all()

    def find(self, ref: str) -> Sequence[StoredOrder]:
        return _stored(self._connection.execute(_STORED.where(_c.ref == ref).order_by(_c.id)))

    def arrivals(self, source: str, ref: str) -> Sequence[tuple[datetime, ArrivalRecord]]:
        return _arrived(self._connection.execute(_ARRIVED.where(_a.ref == ref, _a.source == source)))

    def arrivals_of_message(self, message_id: str) -> Sequence[tuple[datetime, ArrivalRecord]]:
        # The second condition is the index's own: without it the index is of no use.
        return _arrived(self._connection.execute(_ARRIVED.where(_a.message_id == message_id, text("message_id <> ''"))))

    def list(self, wanted: OrderFilter, after: int, limit: int) -> Sequence[OrderRow]:
        query = _LISTED.where(_c.id > after).order_by(_c.id).limit(limit)
        for column, value in ((_c.company_ref, wanted.company), (_c.decision, wanted.decision), (_c.ref, wanted.ref)):
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(_c.received_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(_c.received_at < wanted.until)
        if wanted.invoiced is not None:
            query = query.where(_c.document_id.is_not(None) if wanted.invoiced else _c.document_id.is_(None))
        return [OrderRow(*row) for row in self._connection.execute(query)]

    def count_by_decision(self, company_ref: str | None) -> Mapping[str, int]:
        query = select(_c.decision, func.count()).group_by(_c.decision).order_by(_c.decision)
        if company_ref is not None:
            query = query.where(_c.company_ref == company_ref)
        return dict(self._connection.execute(query).all())

    def _update(self, names: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._connection.execute(_update(self._dialect, *names), {RECORDS: as_records(("id", *names), rows)})


def _key(version: OrderVersion) -> OrderKey:
    return version.source, version.ref


def _values(version: OrderVersion, received_at: datetime) -> tuple[Any, ...]:
    mark = version.mark
    return (
        mark.version,
        mark.updated_at,
        version.external_ref,
        version.company_ref,
        version.status,
        version.created_at,
        version.billing_fingerprint,
        str(version.decision),  # of an enum psycopg makes a text in Python, which takes longer than the rest of the row
        version.revision,
        mark.body_sha256,
        version.body.decode(),
        received_at,
    )


def _as_json(values: Sequence[Any]) -> list[Any]:
    return [as_text(value) if isinstance(value, datetime) else value for value in values]


def _arrived(rows: Iterable[Row[*tuple[Any, ...]]]) -> Sequence[tuple[datetime, ArrivalRecord]]:
    return [
        (at, ArrivalRecord(source, ref, version, body_sha256, Arrival(outcome), message_id, detail))
        for at, source, ref, version, body_sha256, outcome, message_id, detail in rows
    ]


def _stored(rows: Iterable[Row[*tuple[Any, ...]]]) -> Sequence[StoredOrder]:
    return [StoredOrder(id_, source, ref, company_ref, body.encode(), *rest) for id_, source, ref, company_ref, body, *rest in rows]
