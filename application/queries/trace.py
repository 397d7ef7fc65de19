"""One time line for anything that goes by a name: an order, a document, a delivery, a message, a replay, or a subject of the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from application.pausing import reason_of, subject_of
from application.ports.audit_log import AuditEntry, AuditFilter
from application.ports.clock import Clock
from application.ports.deliveries import DeliveryFilter
from application.ports.documents import StoredDocument
from application.ports.orders import StoredOrder
from application.ports.pauses import Pause, PauseScope, Queue
from application.ports.quarantine import QuarantinedMessage
from application.ports.replays import Replay
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.queries.show_order import orders_named
from domain.errors import NotFound
from domain.invoicing.decision import NEEDS_PERSON
from domain.invoicing.document import DocumentType

# Of one order or document; and of the newest entries of the audit log about one subject.
_DELIVERIES_MAX = 100
_ENTRIES_MAX = 50
_DIGITS_MAX = 18  # of an id that fits a database's integer


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
    clock: Clock

    def __call__(self, name: str) -> tuple[TraceEvent, ...]:
        """Oldest first; follows an order to its documents, and both to their deliveries.

        At the end it tells how things stand now: the decision about an order, and what is paused that holds them back.
        """
        with self.units_of_work() as uow:
            trace = _Trace(uow, self.clock.now())
            # Each once, in the order of telling: what happened at the same instant stays in its natural order.
            events = list(dict.fromkeys(trace.follow(name)))
            events += [event for event in dict.fromkeys(trace.surroundings(events)) if event not in events]
        if not events:
            raise NotFound("order, invoice, delivery, message or replay", name, "billhook orders list")
        return tuple(sorted(events, key=lambda event: event.at))


@dataclass(slots=True)
class _Trace:
    """One time line in the making. ``companies`` and ``lanes`` are those it came by."""

    uow: UnitOfWork
    now: datetime
    companies: dict[str, None] = field(default_factory=dict)
    lanes: dict[str, None] = field(default_factory=dict)

    def follow(self, name: str) -> Iterator[TraceEvent]:
        """All that goes by this name."""
        uow = self.uow
        if (delivery_id := _id(name, "dlv_")) is not None:
            yield from self._delivery(delivery_id)
        if (quarantine_id := _id(name, "qrt_")) is not None:
            row = uow.quarantine.find(quarantine_id)
            yield from self._quarantined(row) if row else ()
        if (replay_id := _id(name, "rpl_")) is not None:
            yield from _replay([row for row in uow.replays.list(replay_id + 1, 1) if row.replay_id == replay_id])
        for row in uow.quarantine.by_message_id(name):
            yield from self._quarantined(row)
        for arrived_at, arrival in uow.orders.arrivals_of_message(name):
            yield TraceEvent(arrived_at, f"order {arrival.ref}", arrival.outcome, _message(arrival.message_id, arrival.detail))
        for stored in orders_named(uow, name):
            yield from self._order(stored)
        for type_ in DocumentType:
            for document in uow.documents.find(name, type_):
                yield from self._document(document)
        yield from self._acts(name, name, None)

    def surroundings(self, events: list[TraceEvent]) -> Iterator[TraceEvent]:
        """What people did to the companies and lanes meanwhile, what is paused now, and what is wrong with them now."""
        if not events:
            return
        since = min(event.at for event in events)
        for company in self.companies:
            yield from self._acts(subject_of(PauseScope.COMPANY, company), f"company {company}", since)
            yield from self._held(self.uow.pauses.of_queue(Queue.INVOICING, company, self.now))
        for lane in self.lanes:
            yield from self._acts(subject_of(PauseScope.INTEGRATION, lane), f"integration {lane}", since)
            yield from self._held(self.uow.pauses.of_lane(lane, self.now))
            for incident in self.uow.incidents.open_about(lane):
                yield TraceEvent(incident.opened_at, f"integration {lane}", incident.cause, incident.text)

    def _acts(self, name: str, subject: str, since: datetime | None) -> Iterator[TraceEvent]:
        for row in self.uow.audit.list(AuditFilter(subject=name, since=since), 0, _ENTRIES_MAX):
            yield _act(row.entry, subject)

    def _held(self, pause: Pause | None) -> Iterator[TraceEvent]:
        if pause is not None:
            yield TraceEvent(self.now, f"pause pse_{pause.pause_id}", "holds it back", reason_of(pause))

    def _order(self, stored: StoredOrder) -> Iterator[TraceEvent]:
        subject = f"order {stored.ref}"
        self.companies[stored.company_ref] = None
        for at, arrival in self.uow.orders.arrivals(stored.source, stored.ref):
            version = "" if arrival.version is None else f"version {arrival.version}"
            yield TraceEvent(at, subject, arrival.outcome, "; ".join(filter(None, (version, _message(arrival.message_id, arrival.detail)))))
        for told in self.uow.alerts.about([f"{stored.ref}:{code}" for code in sorted(NEEDS_PERSON)]):
            if told.alert.company == stored.company_ref:
                at, event = (told.sent_at, "mailed") if told.sent_at else (told.recorded_at, "to be mailed")
                yield TraceEvent(at, subject, event, f"to {told.alert.recipients}: {told.alert.text}")
        yield from self._deliveries("order", stored.order_id)
        for row in self.uow.documents.of_orders([stored.order_id]):
            yield from self._document(self.uow.documents.get(row.document_id))
        on = f"on invoice {stored.invoice_number}; " if stored.invoice_number else ""
        yield TraceEvent(self.now, subject, stored.decision, f"now; {on}why: billhook orders explain {stored.ref}")

    def _document(self, stored: StoredDocument) -> Iterator[TraceEvent]:
        issued = stored.issued
        draft = issued.draft
        self.companies[draft.company] = None
        subject = f"{draft.type.value} {issued.display_number}"
        yield TraceEvent(
            stored.issued_at,
            subject,
            "issued",
            f"number {issued.number}, {draft.totals.total} {draft.currency} for company {draft.company}",
        )
        yield from self._acts(f"{draft.type.value}:{issued.admin_company}:{issued.display_number}", subject, None)
        yield from self._deliveries(draft.type.value, stored.document_id)

    def _deliveries(self, subject: str, subject_id: int) -> Iterator[TraceEvent]:
        for delivery in self.uow.deliveries.list(DeliveryFilter(subject=subject, subject_id=subject_id), 0, _DELIVERIES_MAX):
            yield from self._delivery(delivery.delivery_id)

    def _delivery(self, delivery_id: int) -> Iterator[TraceEvent]:
        delivery = self.uow.deliveries.find(delivery_id)
        if delivery is None:
            return
        self.lanes[delivery.integration] = None
        subject = f"delivery dlv_{delivery_id} to {delivery.integration}"
        yield TraceEvent(delivery.created_at, subject, "owed", f"{delivery.subject} {delivery.subject_id}")
        # A step that is done is an attempt, too.
        for attempt in self.uow.deliveries.attempts(delivery_id):
            yield TraceEvent(attempt.at, subject, attempt.outcome, attempt.detail)
        yield from self._acts(f"dlv_{delivery_id}", subject, None)

    def _quarantined(self, row: QuarantinedMessage) -> Iterator[TraceEvent]:
        subject = f"message qrt_{row.quarantine_id}"
        yield TraceEvent(row.received_at, subject, "quarantined", _message(row.message.message_id, row.reason))
        yield from self._acts(f"qrt_{row.quarantine_id}", subject, None)
        if row.replayed_at is not None:
            yield TraceEvent(row.replayed_at, subject, "replayed")


def _replay(found: list[Replay]) -> Iterator[TraceEvent]:
    for replay in found:
        subject = f"replay rpl_{replay.replay_id}"
        yield TraceEvent(replay.started_at, subject, "started", f"{replay.what} by {replay.actor}")
        at, event = (replay.finished_at, "finished") if replay.finished_at else (replay.updated_at, "not finished")
        yield TraceEvent(at, subject, event, f"{replay.looked_at} looked at, {replay.changed} changed")


def _act(entry: AuditEntry, subject: str) -> TraceEvent:
    return TraceEvent(entry.at, subject, entry.action, "; ".join(filter(None, (f"by {entry.actor}", entry.reason, entry.detail))))


def _id(name: str, prefix: str) -> int | None:
    digits = name.removeprefix(prefix)
    is_id = name.startswith(prefix) and digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX
    return int(digits) if is_id else None


def _message(message_id: str, detail: str) -> str:
    return "; ".join(filter(None, (f"message {message_id}" if message_id else "", detail)))
