"""One time line for anything that goes by a name: order ref, invoice number, delivery or message id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from application.ports.deliveries import DeliveryFilter
from application.ports.documents import DocumentFilter, StoredDocument
from application.ports.quarantine import QuarantinedMessage
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.errors import NotFound
from domain.invoicing.document import DocumentType


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """Something that happened: when, to what, and what."""

    at: datetime
    subject: str
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TraceHandler:
    """Raises NotFound where nothing goes by the name."""

    units_of_work: UnitsOfWork

    def __call__(self, name: str) -> tuple[TraceEvent, ...]:
        """Oldest first; follows an order to its invoices, and an invoice to its deliveries."""
        with self.units_of_work() as uow:
            # Each once, in the order of telling: what happened at the same instant stays in its natural order.
            events = list(dict.fromkeys(self._follow(uow, name)))
        if not events:
            raise NotFound("order, invoice, delivery or message", name, "billhook orders list")
        return tuple(sorted(events, key=lambda event: event.at))

    def _follow(self, uow: UnitOfWork, name: str) -> Iterator[TraceEvent]:
        if (delivery_id := _id(name, "dlv_")) is not None:
            yield from _delivery(uow, delivery_id)
        if (quarantine_id := _id(name, "qrt_")) is not None:
            row = uow.quarantine.find(quarantine_id)
            yield from _quarantined(row) if row else ()
        for row in uow.quarantine.by_message_id(name):
            yield from _quarantined(row)
        for arrived_at, arrival in uow.orders.arrivals_of_message(name):
            yield TraceEvent(arrived_at, f"order {arrival.ref}", arrival.outcome, _message(arrival.message_id, arrival.detail))
        for stored in uow.orders.find(name):
            yield from _order(uow, stored.source, stored.ref)
        for type_ in DocumentType:
            for document in uow.documents.find(name, type_):
                yield from _document(uow, document)


def _id(name: str, prefix: str) -> int | None:
    digits = name.removeprefix(prefix)
    return int(digits) if name.startswith(prefix) and digits.isdigit() else None


def _message(message_id: str, detail: str) -> str:
    return "; ".join(filter(None, (f"message {message_id}" if message_id else "", detail)))


def _order(uow: UnitOfWork, source: str, ref: str) -> Iterator[TraceEvent]:
    for at, arrival in uow.orders.arrivals(source, ref):
        version = "" if arrival.version is None else f"version {arrival.version}"
        yield TraceEvent(
            at, f"order {ref}", arrival.outcome, "; ".join(filter(None, (version, _message(arrival.message_id, arrival.detail))))
        )
    for type_ in DocumentType:
        for row in uow.documents.list(DocumentFilter(type=type_, order_ref=ref), 0, 100):
            yield from _document(uow, uow.documents.get(row.document_id))


def _document(uow: UnitOfWork, stored: StoredDocument) -> Iterator[TraceEvent]:
    issued = stored.issued
    subject = f"{issued.draft.type.value} {issued.display_number}"
    detail = f"{issued.draft.totals.total} {issued.draft.currency} for company {issued.draft.company}"
    yield TraceEvent(stored.issued_at, subject, "issued", detail)
    for entry in uow.audit.about(f"{issued.draft.type.value}:{issued.admin_company}:{issued.display_number}"):
        yield TraceEvent(entry.at, subject, entry.action, "; ".join(filter(None, (f"by {entry.actor}", entry.reason, entry.detail))))
    wanted = DeliveryFilter(subject=issued.draft.type.value, subject_id=stored.document_id)
    for delivery in uow.deliveries.list(wanted, 0, 100):
        yield from _delivery(uow, delivery.delivery_id)


def _delivery(uow: UnitOfWork, delivery_id: int) -> Iterator[TraceEvent]:
    delivery = uow.deliveries.find(delivery_id)
    if delivery is None:
        return
    subject = f"delivery dlv_{delivery_id} to {delivery.integration}"
    yield TraceEvent(delivery.created_at, subject, "owed", f"{delivery.subject} {delivery.subject_id}")
    for attempt in uow.deliveries.attempts(delivery_id):
        yield TraceEvent(attempt.at, subject, attempt.outcome, attempt.detail)


def _quarantined(row: QuarantinedMessage) -> Iterator[TraceEvent]:
    subject = f"message qrt_{row.quarantine_id}"
    yield TraceEvent(row.received_at, subject, "quarantined", _message(row.message.message_id, row.reason))
    if row.replayed_at is not None:
        yield TraceEvent(row.replayed_at, subject, "replayed")
