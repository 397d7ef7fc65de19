"""What people have stopped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, or_, select, text, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import integrations, pauses
from adapters.persistence.types import without_nul
from application.ports.pauses import Pause, PauseScope, Queue, Stop

_c = pauses.c
_i = integrations.c
_PAUSE = select(_c.id, _c.scope, _c.subject, _c.reason, _c.actor, _c.since, _c.until, _c.ended_at, _c.ended_by)
_WIDEST_FIRST = case({scope.value: width for width, scope in enumerate(PauseScope)}, value=_c.scope)


def stops(scope: PauseScope, subject: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether a row of pauses is of this scope and subject."""
    return and_(_c.scope == scope.value, _c.subject == subject)


def is_open() -> ColumnElement[bool]:
    """Whether a row of pauses stops anything at the time ``at``."""
    return and_(_c.ended_at.is_(None), or_(_c.until.is_(None), _c.until > bindparam("at", type_=_c.until.type)))


def stops_lane() -> ColumnElement[bool]:
    """Whether an open row of pauses stops the lane of a row of integrations."""
    return or_(
        _c.scope == PauseScope.FLEET.value,
        stops(PauseScope.QUEUE, Queue.DELIVERY.value),
        stops(PauseScope.VENDOR, _i.kind),
        stops(PauseScope.COMPANY, _i.company),
        stops(PauseScope.INTEGRATION, _i.path),
    )


class SqlPauses:
    """The port ``Pauses``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, stop: Stop, at: datetime) -> Pause:
        self._end(stop.scope, stop.subject, stop.actor, at)
        row = (stop.scope, stop.subject, without_nul(stop.reason), stop.actor, at, stop.until)
        values = dict(zip(("scope", "subject", "reason", "actor", "since", "until"), row, strict=True))
        # Somebody may have stopped the same at this instant: then the last word counts.
        new = insert_or(self._connection, pauses).values(values)
        standing = new.on_conflict_do_update(
            index_elements=[_c.scope, _c.subject],
            index_where=text("ended_at IS NULL"),
            set_={name: new.excluded[name] for name in ("reason", "actor", "since", "until")},
        )
        id_ = self._connection.execute(standing.returning(_c.id)).scalar_one()
        return Pause(id_, *row)

    def end(self, scope: PauseScope, subject: str, actor: str, at: datetime) -> Pause | None:
        stopped = self._connection.execute(_PAUSE.where(is_open(), stops(scope, subject)), {"at": at}).first()
        self._end(scope, subject, actor, at)
        return None if stopped is None else _pause(stopped)

    def _end(self, scope: PauseScope, subject: str, actor: str, at: datetime) -> None:
        ended = update(pauses).where(_c.ended_at.is_(None), stops(scope, subject)).values(ended_at=at, ended_by=actor)
        self._connection.execute(ended)

    def open(self, at: datetime) -> Sequence[Pause]:
        return [_pause(row) for row in self._connection.execute(_PAUSE.where(is_open()).order_by(_c.id), {"at": at})]

    def of_queue(self, queue: Queue, company: str, at: datetime) -> Pause | None:
        stopping = or_(_c.scope == PauseScope.FLEET.value, stops(PauseScope.QUEUE, queue.value), stops(PauseScope.COMPANY, company))
        row = self._connection.execute(_PAUSE.where(is_open(), stopping).order_by(_WIDEST_FIRST).limit(1), {"at": at}).first()
        return None if row is None else _pause(row)

    def of_lane(self, integration: str, at: datetime) -> Pause | None:
        query = _PAUSE.join_from(pauses, integrations, stops_lane()).where(is_open(), _i.path == integration)
        row = self._connection.execute(query.order_by(_WIDEST_FIRST).limit(1), {"at": at}).first()
        return None if row is None else _pause(row)


def _pause(row: Row[*tuple[Any, ...]]) -> Pause:
    id_, scope, *rest = row
    return Pause(id_, PauseScope(scope), *rest)
