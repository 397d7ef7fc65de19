"""One time line for anything that goes by a name.

An order, a document, a delivery, a message, a run, a replay, an incident, or a subject of the audit log.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from application.pausing import reason_of, subject_of
from application.ports.audit_log import AuditEntry, AuditFilter
from application.ports.clock import Clock
from application.ports.deliveries import DeliveryFilter
from application.ports.documents import StoredDocument
from application.ports.orders import ArrivalRecord, StoredOrder
from application.ports.pauses import Pause, PauseScope, Queue
from application.ports.quarantine import QuarantinedMessage
from application.ports.replays import Replay
from application.ports.runs import Run
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.queries.show_order import orders_named
from domain.delivery.incident import Incident
from domain.errors import NotFound
from domain.invoicing.decision import NEEDS_PERSON
from domain.invoicing.document import DocumentType

# Of one order or document; and of the newest entries of the audit log about one subject.
_DELIVERIES_MAX = 100
_ENTRIES_MAX = 50
# Of a document, a message or a run: those beyond are only counted, and each has a time line of its own.
_FOLLOWED_MAX = 10
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
        """Oldest first, from the message to the deliveries, whichever of them was asked for.

        At the end it tells how things stand now: the decision about an order, and what is paused that holds them back. Of many
        orders on one document the first ten are followed.
        """
        with self.units_of_work() as uow:
            trace = _Trace(uow, self.clock.now())
            # Each once, in the order of telling: what happened at the same instant stays in its natural order.
            events = list(dict.fromkeys(trace.follow(name)))
            events += [event for event in dict.fromkeys(trace.surroundings(events)) if event not in events]
        if not events:
            raise NotFound("order, invoice, delivery, message, run, replay or incident", name, "billhook orders list")
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
        yield from self._by_id(name)
        for row in uow.quarantine.by_message_id(name):
            yield from self._quarantined(row)
        yield from self._in_message(name)
        for stored in orders_named(uow, name):
            yield from self._order(stored)
        for type_ in DocumentType:
            for document in uow.documents.find(name, type_):
                yield from self._up_from_document(document)
                yield from self._deliveries(type_.value, document.document_id)
        if not name.startswith(("dlv_", "qrt_")):  # what was done to those is told with them
            yield from self._acts(name, name, None)

    def _by_id(self, name: str) -> Iterator[TraceEvent]:
        """What has an id of our own."""
        uow = self.uow
        if (delivery_id := _id(name, "dlv_")) is not None:
            yield from self._up_from_delivery(delivery_id)
        if (quarantine_id := _id(name, "qrt_")) is not None:
            row = uow.quarantine.find(quarantine_id)
            yield from self._quarantined(row) if row else ()
        if (replay_id := _id(name, "rpl_")) is not None:
            yield from _replay([row for row in uow.replays.list(replay_id + 1, 1) if row.replay_id == replay_id])
        if (run_id := _id(name, "run_")) is not None:
            yield from self._run(uow.runs.find(run_id))
        if (incident_id := _id(name, "inc_")) is not None:
            found = uow.incidents.list(incident_id - 1, 1, open_only=False)
            yield from self._incident([row for row in found if row.incident_id == incident_id])

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

    def _in_message(self, message_id: str) -> Iterator[TraceEvent]:
        """The orders of a message; those beyond the first ones with this arrival only."""
        arrivals = self.uow.orders.arrivals_of_message(message_id)
        # A message that came again and again is about the same few orders.
        followed = list(dict.fromkeys((arrival.source, arrival.ref) for _, arrival in arrivals))[:_FOLLOWED_MAX]
        for at, arrival in arrivals:
            if (arrival.source, arrival.ref) not in followed:
                yield TraceEvent(at, f"order {arrival.ref}", arrival.outcome, _arrival(arrival))
        for source, ref in followed:
            for stored in self.uow.orders.find(ref):
                if stored.source == source:
                    yield from self._order(stored)

    def _up_from_delivery(self, delivery_id: int) -> Iterator[TraceEvent]:
        """What it delivers, and the delivery alone: others of the same have time lines of their own."""
        delivery = self.uow.deliveries.find(delivery_id)
        if delivery is None:
            return
        if delivery.subject == "order":
            for stored in self.uow.orders.read_many([delivery.subject_id]):
                yield from self._story(stored)
        else:
            yield from self._up_from_document(self.uow.documents.get(delivery.subject_id))
        yield from self._delivery(delivery_id)

    def _up_from_document(self, stored: StoredDocument) -> Iterator[TraceEvent]:
        """How it came to be: the messages of its orders, and its number."""
        orders = stored.issued.draft.orders
        for order in orders[:_FOLLOWED_MAX]:
            named = orders_named(self.uow, order.ref)
            for found in named:
                if len(named) == 1 or self._is_on(found, stored):
                    yield from self._story(found)
        yield from self._issued(stored)
        if len(orders) > _FOLLOWED_MAX:
            issued = stored.issued
            more = f"and {len(orders) - _FOLLOWED_MAX} more orders are on it: billhook invoices show {issued.display_number}"
            yield TraceEvent(stored.issued_at, f"{issued.draft.type.value} {issued.display_number}", "followed in part", more)

    def _is_on(self, order: StoredOrder, stored: StoredDocument) -> bool:
        """Another system may have an order of the same ref."""
        return any(document.document_id == stored.document_id for document in self.uow.documents.of_orders([order.order_id]))

    def _run(self, run: Run | None) -> Iterator[TraceEvent]:
        if run is None:
            return
        subject = f"run run_{run.run_id}"
        self.companies[run.company] = None
        yield TraceEvent(run.created_at, subject, "started", f"company {run.company}, slot {run.slot}")
        numbers = [number for _, number in self.uow.documents.issued_in_run(run.run_id)]
        if run.finished_at is not None:
            issued = f"{run.issued} issued{f': {numbers[0]}' if numbers else ''}{f' to {numbers[-1]}' if len(numbers) > 1 else ''}"
            left = ", ".join(f"{count} {code}" for code, count in run.skipped.items())
            yield TraceEvent(run.finished_at, subject, "finished", "; not invoiced: ".join(filter(None, (issued, left))))

    def _incident(self, found: list[Incident]) -> Iterator[TraceEvent]:
        for incident in found:
            subject = f"incident inc_{incident.incident_id}"
            about = f"{incident.subject} {incident.cause}"
            yield TraceEvent(incident.opened_at, subject, "opened", f"{about}: {incident.text} {incident.next_step}".rstrip())
            yield TraceEvent(incident.last_seen_at, subject, "seen last", f"{incident.count} in all")
            if incident.reminded_at is not None:
                yield TraceEvent(incident.reminded_at, subject, "reminded")
            if incident.resolved_at is not None:
                yield TraceEvent(incident.resolved_at, subject, "over")

    def _order(self, stored: StoredOrder) -> Iterator[TraceEvent]:
        """With all that came of it."""
        yield from self._story(stored)
        yield from self._deliveries("order", stored.order_id)
        for row in self.uow.documents.of_orders([stored.order_id]):
            document = self.uow.documents.get(row.document_id)
            yield from self._issued(document)
            yield from self._deliveries(row.type.value, row.document_id)

    def _story(self, stored: StoredOrder) -> Iterator[TraceEvent]:
        """The order alone: its messages, the mails about it, and how it stands now."""
        subject = f"order {stored.ref}"
        self.companies[stored.company_ref] = None
        for at, arrival in self.uow.orders.arrivals(stored.source, stored.ref):
            yield TraceEvent(at, subject, arrival.outcome, _arrival(arrival))
        for told in self.uow.alerts.about([f"{stored.ref}:{code}" for code in sorted(NEEDS_PERSON)]):
            if told.alert.company == stored.company_ref:
                at, event = (told.sent_at, "mailed") if told.sent_at else (told.recorded_at, "to be mailed")
                yield TraceEvent(at, subject, event, f"to {told.alert.recipients}: {told.alert.text}")
        on = f"on invoice {stored.invoice_number}; " if stored.invoice_number else ""
        yield TraceEvent(self.now, subject, stored.decision, f"now; {on}why: billhook orders explain {stored.ref}")

    def _issued(self, stored: StoredDocument) -> Iterator[TraceEvent]:
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


def _arrival(arrival: ArrivalRecord) -> str:
    version = "" if arrival.version is None else f"version {arrival.version}"
    return "; ".join(filter(None, (version, _message(arrival.message_id, arrival.detail))))


def _message(message_id: str, detail: str) -> str:
    return "; ".join(filter(None, (f"message {message_id}" if message_id else "", detail)))
