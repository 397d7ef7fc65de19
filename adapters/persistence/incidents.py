"""Incidents and their notices."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import deliveries, incident_notices, incidents
from adapters.persistence.types import without_nul
from application.ports.incidents import Notice, Sighting
from domain.delivery.incident import QUIET, Incident, IncidentEvent, error_prefix
from domain.delivery.state import DeliveryState

_c = incidents.c
_n = incident_notices.c
_v = deliveries.c
# In the order of the fields of Incident.
_INCIDENT = tuple(_c["id" if field.name == "incident_id" else field.name] for field in fields(Incident))
_OPEN = _c.resolved_at.is_(None)
_IS_TOLD = (
    select(_n.id)
    .where(_n.incident_id == _c.id, _n.event == IncidentEvent.RESOLVED.value, _n.at >= _c.resolved_at)
    .correlate(incidents)
    .exists()
)


class SqlIncidents:
    """The port ``Incidents``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, sighting: Sighting, at: datetime) -> tuple[Incident, bool]:
        back = self._reopened(sighting, at)
        if back is not None:
            return back, False
        new = insert_or(self._connection, incidents).values(_row(sighting, at)).on_conflict_do_nothing().returning(*_INCIDENT)
        opened = self._connection.execute(new).first()
        if opened is not None:
            return Incident(*opened), True
        same = (_OPEN, _c.cause == sighting.cause, _c.subject == sighting.subject)
        seen = update(incidents).where(*same).values(count=_c.count + sighting.count, last_seen_at=at)
        counted = self._connection.execute(seen.returning(*_INCIDENT)).first()
        # The open one that stood in the way ended between the two: then it begins anew.
        return (Incident(*counted), False) if counted is not None else self.note(sighting, at)

    def _reopened(self, sighting: Sighting, at: datetime) -> Incident | None:
        """The last of this cause and subject, where it is over since so little time that nobody was told."""
        same = (_c.cause == sighting.cause, _c.subject == sighting.subject)
        last = select(func.max(_c.id)).where(*same).scalar_subquery()
        values = {"resolved_at": None, "count": _c.count + sighting.count, "last_seen_at": at}
        back = update(incidents).where(_c.id == last, _c.resolved_at > at - QUIET).values(values)
        row = self._connection.execute(back.returning(*_INCIDENT)).first()
        return None if row is None else Incident(*row)

    def remind(self, incident: Incident, at: datetime) -> bool:
        same = _c.reminded_at.is_(None) if incident.reminded_at is None else _c.reminded_at == incident.reminded_at
        reminded = update(incidents).where(_c.id == incident.incident_id, _OPEN, same).values(reminded_at=at)
        return self._connection.execute(reminded).rowcount == 1

    def resolve(self, incident: Incident, at: datetime) -> bool:
        resolved = update(incidents).where(_c.id == incident.incident_id, _OPEN).values(resolved_at=at)
        return self._connection.execute(resolved).rowcount == 1

    def ended(self, before: datetime, limit: int) -> Sequence[Incident]:
        query = select(*_INCIDENT).where(_c.resolved_at <= before, ~_IS_TOLD).order_by(_c.id).limit(limit)
        return [Incident(*row) for row in self._connection.execute(query)]

    def end(self, incident: Incident) -> bool:
        mine = (_c.id == incident.incident_id, _c.resolved_at == incident.resolved_at)
        # Locked first: who waited here for another who told of it must see that.
        if self._connection.execute(select(_c.id).where(*mine).with_for_update()).first() is None:
            return False
        return self._connection.execute(select(_c.id).where(*mine, ~_IS_TOLD)).first() is not None

    def recount(self, incident: Incident, count: int) -> None:
        self._connection.execute(update(incidents).where(_c.id == incident.incident_id).values(count=count))

    def open_about(self, subject: str) -> Sequence[Incident]:
        query = select(*_INCIDENT).where(_OPEN, _c.subject == subject).order_by(_c.id)
        return [Incident(*row) for row in self._connection.execute(query)]

    def list(self, after: int, limit: int, *, open_only: bool, company: str | None = None) -> Sequence[Incident]:
        query = select(*_INCIDENT).where(_c.id > after).order_by(_c.id).limit(limit)
        if company is not None:
            query = query.where(_c.company == company)
        return [Incident(*row) for row in self._connection.execute(query.where(_OPEN) if open_only else query)]

    def deliveries_left(self, incident: Incident) -> int:
        begins = _v.last_error.startswith(error_prefix(incident.cause), autoescape=True)
        left = select(func.count()).where(_v.integration == incident.subject, _v.state == DeliveryState.NEEDS_HUMAN.value, begins)
        return self._connection.execute(left).scalar_one()

    def is_waited_for(self, incident: Incident) -> bool:
        waiting = select(_v.id).where(_v.integration == incident.subject, _v.due_at.is_not(None))
        return self._connection.execute(select(waiting.exists())).scalar_one()

    def add_notice(self, incident: Incident, event: IncidentEvent, at: datetime) -> None:
        self._connection.execute(insert(incident_notices).values(incident_id=incident.incident_id, event=event.value, at=at, due_at=at))

    def due_notices(self, at: datetime, limit: int) -> Sequence[Notice]:
        earlier = incident_notices.alias("earlier")
        waits = select(earlier.c.id).where(earlier.c.incident_id == _n.incident_id, earlier.c.due_at.is_not(None), earlier.c.id < _n.id)
        query = (
            select(_n.id, _n.event, _n.at, _n.attempts, *_INCIDENT)
            .join_from(incident_notices, incidents)
            .where(_n.due_at.is_not(None), _n.due_at <= at, ~waits.exists())
            .order_by(_n.id)
            .limit(limit)
        )
        return [_notice(row) for row in self._connection.execute(query)]

    def posted(self, notice: Notice, at: datetime) -> None:
        self._end(notice, due_at=None, posted_at=at, last_error="")

    def put_off(self, notice: Notice, due_at: datetime | None, error: str) -> None:
        self._end(notice, due_at=due_at, last_error=without_nul(error))

    def _end(self, notice: Notice, **values: Any) -> None:
        ended = update(incident_notices).where(_n.id == notice.notice_id)
        self._connection.execute(ended.values(attempts=_n.attempts + 1, **values))

    def drop_notices(self, at: datetime) -> None:
        self._connection.execute(update(incident_notices).where(_n.due_at.is_not(None), _n.due_at <= at).values(due_at=None))


def _row(sighting: Sighting, at: datetime) -> dict[str, Any]:
    return {
        "cause": sighting.cause,
        "subject": sighting.subject,
        "company": sighting.company,
        "recipients": sighting.recipients,
        "sender": sighting.sender,
        "text": without_nul(sighting.text),
        "next_step": without_nul(sighting.next_step),
        "count": sighting.count,
        "opened_at": at,
        "last_seen_at": at,
    }


def _notice(row: Row[*tuple[Any, ...]]) -> Notice:
    id_, event, at, attempts, *incident = row
    return Notice(id_, IncidentEvent(event), at, attempts, Incident(*incident))
