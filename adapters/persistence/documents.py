"""Issued documents and their number series."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import CompoundSelect, Connection, Row, Select, Update, and_, bindparam, or_, select, union, union_all, update

from adapters.persistence.bulk import RECORDS, as_records, dialect_of, insert_or, insert_rows, next_ids, records
from adapters.persistence.errors import refused_as
from adapters.persistence.tables import document_orders, documents, number_series, orders
from application.ports.documents import DocumentFilter, DocumentOfOrder, DocumentRow, NewDocument, StoredDocument
from domain.errors import Conflict, NotFound
from domain.invoicing.content import from_content
from domain.invoicing.decision import Decision
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.number_series import GENESIS, NumberSeries
from domain.money import from_minor, to_minor

_DOCUMENT = (
    "id",
    "type",
    "admin_company",
    "number",
    "display_number",
    "company",
    "issued_on",
    "due_on",
    "currency",
    "net_minor",
    "tax_minor",
    "total_minor",
    "content",
    "content_sha256",
    "previous_hash",
    "chain_hash",
    "corrects",
    "run_id",
    "revision",
    "issued_at",
)
_LINK = ("document_id", "order_id", "order_ref", "fingerprint")
_INVOICED = ("document_id", "invoice_number", "invoiced_fingerprint", "decision")

_DIGITS_MAX = 18  # of a number that fits a bigint

_d = documents.c
_l = document_orders.c
_s = number_series.c
_STORED = select(
    _d.id,
    _d.content,
    _d.issued_at,
    _d.number,
    _d.display_number,
    _d.issued_on,
    _d.due_on,
    _d.content_sha256,
    _d.previous_hash,
    _d.chain_hash,
)
_LIVE, _CREDITED = _l.credited_by.is_(None), _l.credited_by.is_not(None)
# What an order is linked to, each with the condition of an index: without it the links of all orders would be read.
_LINKED = ((_l.document_id, _LIVE), (_l.document_id, _CREDITED), (_l.credited_by, _CREDITED))
_LISTED = select(
    _d.id,
    _d.type,
    _d.number,
    _d.display_number,
    _d.admin_company,
    _d.company,
    _d.issued_on,
    _d.currency,
    _d.net_minor,
    _d.tax_minor,
    _d.total_minor,
    _d.corrects,
)
_SERIES = select(_s.admin_company, _s.type, _s.next_number, _s.last_hash, _s.last_issued_on)
_LOCK_SERIES = _SERIES.where(_s.admin_company == bindparam("admin_company"), _s.type == bindparam("type")).with_for_update()
# The condition fails, and with it the transaction, where the series does not stand at the first of the new numbers.
_MOVE_SERIES = (
    update(number_series)
    .where(_s.admin_company == bindparam("owner"), _s.type == bindparam("of_type"), _s.next_number == bindparam("first"))
    .values(next_number=bindparam("next"), last_hash=bindparam("hash"), last_issued_on=bindparam("day"))
)


@cache
def _mark_invoiced(dialect: str) -> Update:
    record = records(dialect, orders.c.id, *(orders.c[name] for name in _INVOICED))
    return update(orders).where(orders.c.id == record.c.id).values({name: record.c[name] for name in _INVOICED})


@cache
def _links_of(dialect: str) -> Select[Any]:
    # Two looks into two indexes: asked in one condition, PostgreSQL reads the whole table.
    wanted = select(records(dialect, _d.id).c.id).cte("wanted")
    links = select(_l.document_id, _l.order_ref, _l.credited_by, _l.order_id)
    own = links.join_from(wanted, document_orders, _l.document_id == wanted.c.id)
    both = union(own, links.join_from(wanted, document_orders, _l.credited_by == wanted.c.id)).subquery("both")
    return select(both.c.document_id, both.c.order_ref, both.c.credited_by).order_by(both.c.order_id)


@cache
def _of_orders(dialect: str) -> Select[Any]:
    wanted = records(dialect, _l.order_id)
    links = wanted.join(document_orders, _l.order_id == wanted.c.order_id)
    linked = union_all(*(select(document).select_from(links).where(state) for document, state in _LINKED))
    return select(_d.id, _d.type, _d.company, _d.issued_at).where(_d.id.in_(linked)).order_by(_d.id)


@cache
def _stored_by_id(dialect: str) -> Select[Any]:
    return _STORED.where(_d.id.in_(select(records(dialect, _d.id).c.id)))


class SqlDocuments:
    """The port ``Documents``. ``revision`` tells the configuration revision that this unit of work read; 0 for none."""

    def __init__(self, connection: Connection, revision: Callable[[], int]) -> None:
        self._connection = connection
        self._dialect = dialect_of(connection)
        self._revision = revision

    def lock_series(self, admin_company: str, type_: DocumentType, first: int) -> NumberSeries:
        key = {"admin_company": admin_company, "type": type_.value}
        row = self._connection.execute(_LOCK_SERIES, key).first()
        if row is None:
            new = insert_or(self._connection, number_series).values(**key, next_number=first, last_hash=GENESIS)
            self._connection.execute(new.on_conflict_do_nothing())
            row = self._connection.execute(_LOCK_SERIES, key).one()
        series = _series(row)
        if series.last_issued_on is None and series.next_number != first:
            self._connection.execute(update(number_series).filter_by(**key).values(next_number=first))
            return NumberSeries(admin_company, type_, first)
        return series

    def add(self, documents: Sequence[NewDocument], series: NumberSeries, issued_at: datetime) -> Sequence[int]:
        if not documents:
            return []
        ids = next_ids(self._connection, _d.id.table, len(documents))
        with refused_as(Conflict("number_taken", "A number of these documents is taken already.")):
            insert_rows(self._connection, _d.id.table, _DOCUMENT, self._rows(ids, documents, issued_at))
        invoices = [(id_, new) for id_, new in zip(ids, documents, strict=True) if new.issued.draft.type is DocumentType.INVOICE]
        self._link_orders(invoices)
        self._move_series(documents[0].issued, series)
        return ids

    def _rows(self, ids: Sequence[int], new: Sequence[NewDocument], issued_at: datetime) -> Sequence[tuple[Any, ...]]:
        revision = self._revision()
        return [_row(id_, document, revision, issued_at) for id_, document in zip(ids, new, strict=True)]

    def _link_orders(self, invoices: Sequence[tuple[int, NewDocument]]) -> None:
        links: list[tuple[int, int, str, str]] = []
        marks: list[tuple[int, int, str, str, str]] = []
        for id_, new in invoices:
            for (order_id, fingerprint), order in zip(new.orders, new.issued.draft.orders, strict=True):
                links.append((id_, order_id, order.ref, fingerprint))
                marks.append((order_id, id_, new.issued.display_number, fingerprint, Decision.INVOICED.value))
        with refused_as(Conflict("already_invoiced", "One of these orders is on a live invoice already.")):
            insert_rows(self._connection, document_orders, _LINK, links)
        if marks:
            self._connection.execute(_mark_invoiced(self._dialect), {RECORDS: as_records(("id", *_INVOICED), marks)})

    def _move_series(self, first: Issued, series: NumberSeries) -> None:
        step = {
            "owner": series.admin_company,
            "of_type": series.type.value,
            "first": first.number,
            "next": series.next_number,
            "hash": series.last_hash,
            "day": series.last_issued_on,
        }
        if self._connection.execute(_MOVE_SERIES, step).rowcount != 1:
            raise Conflict("series_moved", f"The series of {series.admin_company} does not stand at number {first.number}.")

    def mark_credited(self, invoice_id: int, order_refs: Sequence[str], credit_note_id: int) -> Sequence[int]:
        credit = (
            update(document_orders)
            .where(_l.document_id == invoice_id, _l.order_ref.in_(order_refs), _l.credited_by.is_(None))
            .values(credited_by=credit_note_id)
            .returning(_l.order_id)
        )
        ids = sorted(self._connection.execute(credit).scalars())
        # Revision 0 is older than any: should the caller die or forget, the orders are decided anew all the same.
        free = {"document_id": None, "invoice_number": "", "invoiced_fingerprint": "", "revision": 0}
        self._connection.execute(update(orders).where(orders.c.id.in_(ids), orders.c.document_id == invoice_id).values(free))
        return ids

    def get(self, document_id: int) -> StoredDocument:
        found = self.get_many([document_id])
        if not found:
            raise NotFound("document", str(document_id), "billhook invoices list")
        return found[document_id]

    def get_many(self, document_ids: Sequence[int]) -> Mapping[int, StoredDocument]:
        wanted = as_records(("id",), [(id_,) for id_ in document_ids])
        found = self._stored(self._connection.execute(_stored_by_id(self._dialect), {RECORDS: wanted}).all())
        return {document.document_id: document for document in found}

    def find(self, number: str, type_: DocumentType) -> Sequence[StoredDocument]:
        admin_company, _, own = number.rpartition(":")
        named = _d.display_number == number
        if admin_company:
            numbers = [_d.number == int(own)] if own.isdecimal() and len(own) <= _DIGITS_MAX else []
            named = or_(named, and_(_d.admin_company == admin_company, or_(_d.display_number == own, *numbers)))
        return self._stored(self._connection.execute(_STORED.where(_d.type == type_.value, named).order_by(_d.id)).all())

    def list(self, wanted: DocumentFilter, after: int, limit: int) -> Sequence[DocumentRow]:
        query = _LISTED.where(_d.id > after).order_by(_d.id).limit(limit)
        if wanted.type is not None:
            query = query.where(_d.type == wanted.type.value)
        equal = {_d.company: wanted.company, _d.admin_company: wanted.admin_company, _d.run_id: wanted.run_id, _d.corrects: wanted.corrects}
        query = query.where(*(column == value for column, value in equal.items() if value is not None))
        if wanted.order_ref is not None:
            # By ids, so that the few rows of the order are read first, and not every document asked for its orders.
            query = query.where(_d.id.in_(_with_order(wanted.order_ref)))
        rows = self._connection.execute(query).all()
        links = self._links([row.id for row in rows])
        return [_listed(row, links.get(row.id, {})) for row in rows]

    def of_orders(self, order_ids: Sequence[int]) -> Sequence[DocumentOfOrder]:
        parameters = {RECORDS: as_records(("order_id",), [(id_,) for id_ in order_ids])}
        rows = self._connection.execute(_of_orders(dialect_of(self._connection)), parameters)
        return [DocumentOfOrder(row.id, DocumentType(row.type), row.company, row.issued_at) for row in rows]

    def issued_in_run(self, run_id: int) -> Sequence[tuple[int, str]]:
        mine = select(_d.number, _d.display_number).where(_d.run_id == run_id, _d.type == DocumentType.INVOICE.value)
        return [(number, display_number) for number, display_number in self._connection.execute(mine.order_by(_d.id))]

    def series(self) -> Sequence[NumberSeries]:
        return [_series(row) for row in self._connection.execute(_SERIES.order_by(_s.admin_company, _s.type))]

    def chain(self, admin_company: str, type_: DocumentType, after_number: int, limit: int) -> Sequence[StoredDocument]:
        query = _STORED.where(_d.admin_company == admin_company, _d.type == type_.value, _d.number > after_number)
        return self._stored(self._connection.execute(query.order_by(_d.number).limit(limit)).all())

    def _links(self, ids: Iterable[int]) -> Mapping[int, dict[str, bool]]:
        """By document: its orders, each with whether it is credited. A credit note's are those it credits."""
        links: dict[int, dict[str, bool]] = {}
        rows = [(id_,) for id_ in ids]
        if not rows:
            return links
        wanted = as_records(("id",), rows)
        for document_id, order_ref, credited_by in self._connection.execute(_links_of(self._dialect), {RECORDS: wanted}):
            links.setdefault(document_id, {})[order_ref] = credited_by is not None
            if credited_by is not None:
                links.setdefault(credited_by, {})[order_ref] = False
        return links

    def _stored(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> Sequence[StoredDocument]:
        links = self._links([row.id for row in rows])
        return [_document(row, links.get(row.id, {})) for row in rows]


def _with_order(ref: str) -> CompoundSelect[tuple[int]]:
    """The documents with an order of that ref, or of that name: on a document it may be called ``SOURCE:REF``."""
    named = _l.order_ref == ref
    of_ref = _l.order_id.in_(select(orders.c.id).where(orders.c.ref == ref))
    by_name = [select(_l.document_id).where(named), select(_l.credited_by).where(named, _CREDITED)]
    return union(*by_name, *(select(document).where(of_ref, state) for document, state in _LINKED))


def _row(id_: int, new: NewDocument, revision: int, issued_at: datetime) -> tuple[Any, ...]:
    issued, draft = new.issued, new.issued.draft
    return (
        id_,
        draft.type.value,
        issued.admin_company,
        issued.number,
        issued.display_number,
        draft.company,
        issued.issued_on,
        issued.due_on,
        draft.currency,
        to_minor(draft.totals.net, draft.currency),
        to_minor(draft.totals.tax, draft.currency),
        to_minor(draft.totals.total, draft.currency),
        new.content_json,
        issued.content_sha256,
        issued.previous_hash,
        issued.chain_hash,
        draft.corrects,
        new.run_id,
        revision,
        issued_at,
    )


def _document(row: Row[*tuple[Any, ...]], links: Mapping[str, bool]) -> StoredDocument:
    id_, content, issued_at, *rest = row
    issued = Issued(from_content(msgspec.json.decode(content)), *rest)
    return StoredDocument(id_, issued, content, issued_at, frozenset(ref for ref, credited in links.items() if credited))


def _listed(row: Row[*tuple[Any, ...]], links: Mapping[str, bool]) -> DocumentRow:
    id_, type_, number, display_number, admin_company, company, issued_on, currency, *minors, corrects = row
    state = "credited" if links and all(links.values()) else "partly_credited" if any(links.values()) else "issued"
    net, tax, total = (from_minor(minor, currency) for minor in minors)
    orders_on_it = tuple(links)
    return DocumentRow(
        id_, type_, number, display_number, admin_company, company, issued_on, currency, net, tax, total, orders_on_it, state, corrects
    )


def _series(row: Row[*tuple[Any, ...]]) -> NumberSeries:
    admin_company, type_, next_number, last_hash, last_issued_on = row
    return NumberSeries(admin_company, DocumentType(type_), next_number, last_hash, last_issued_on)
