"""Issued documents with what became of them at one integration."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from adapters.persistence.tables import deliveries, documents
from application.ports.books import BookedDocument, DeliveryStanding
from domain.delivery.state import DeliveryState
from domain.invoicing.document import DocumentType
from domain.money import from_minor

_d = documents.c
_v = deliveries.c
_OWED_HERE = and_(_v.subject == _d.type, _v.subject_id == _d.id, _v.integration == bindparam("integration"))
_STANDING = (_v.id.label("delivery_id"), _v.state, _v.remote_id, _v.last_error, _v.next_step, _v.updated_at)
_DOCUMENT = (_d.id, _d.type, _d.display_number, _d.currency, _d.net_minor, _d.tax_minor, _d.total_minor)
_BOOKED = select(*_DOCUMENT, *_STANDING)


class SqlBooks:
    """The port ``Books``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_numbers(self, integration: str, admin_company: str, type_: str, numbers: Collection[str]) -> Mapping[str, BookedDocument]:
        query = _BOOKED.select_from(documents.outerjoin(deliveries, _OWED_HERE))
        query = query.where(_d.type == type_, _d.display_number.in_(sorted(numbers)))
        query = query.where(or_(_v.id.is_not(None), _d.admin_company == admin_company)).order_by(_v.id.is_(None).desc(), _d.id)
        # What is owed here comes last, and so stays.
        rows = self._connection.execute(query, {"integration": integration})
        return {row.display_number: _booked(row) for row in rows}

    def last_issued_at(self, admin_company: str) -> datetime | None:
        last = select(_d.issued_at).where(_d.admin_company == admin_company).order_by(_d.number.desc()).limit(1)
        times = [self._connection.execute(last.where(_d.type == type_.value)).scalar() for type_ in DocumentType]
        return max(filter(None, times), default=None)

    def owed(self, integration: str, since: datetime | None, after: int, limit: int) -> Sequence[BookedDocument]:
        query = _BOOKED.select_from(deliveries.join(documents, _OWED_HERE))
        query = query.where(_v.id > after, _v.subject.in_([type_.value for type_ in DocumentType]))
        if since is not None:
            query = query.where(_v.created_at >= since)
        rows = self._connection.execute(query.order_by(_v.id).limit(limit), {"integration": integration})
        return [_booked(row) for row in rows]


def _booked(row: Row[*tuple[Any, ...]]) -> BookedDocument:
    id_, type_, number, currency, net, tax, total, delivery_id, state, *rest = row
    delivery = None if delivery_id is None else DeliveryStanding(delivery_id, DeliveryState(state), *rest)
    net, tax, total = (from_minor(minor, currency) for minor in (net, tax, total))
    return BookedDocument(id_, type_, number, currency, net, tax, total, delivery)
