"""Deliveries and their attempts. Each write of a worker names its lease, and is refused where a newer token has the lane."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select, Update, and_, bindparam, case, func, or_, select, union_all, update

from adapters.persistence.bulk import RECORDS, as_records, dialect_of, insert_or, insert_where_absent, records
from adapters.persistence.lanes import SqlLanes
from adapters.persistence.tables import deliveries, delivery_attempts, delivery_steps, integrations, lanes
from adapters.persistence.types import as_text, without_nul
from application.ports.deliveries import Attempt, Change, Delivery, DeliveryFilter, Lease, Owed
from domain.delivery.state import OPEN, DeliveryState

_OWED = ("integration", "subject", "subject_id", "state", "due_at", "created_at", "updated_at")
_PAIR = ("integration", "subject", "subject_id")
_SETTLED = ("state", "due_at", "last_error", "next_step", "remote_id", "remote_url", "attempts", "resends", "handed_over", "updated_at")
# Nothing of it is there, or it is known not to be: the next sending starts afresh.
_NOT_SENT = frozenset({DeliveryState.PENDING, DeliveryState.WAITING})
# A worker that stops gives its work back, and what does not apply is not sent: neither was a try.
_NO_TRY = frozenset({DeliveryState.PENDING, DeliveryState.SKIPPED, DeliveryState.CANCELLED})

_c = deliveries.c
_OWN = (
    _c.state,
    _c.attempts,
    _c.due_at,
    _c.handed_over,
    _c.resends,
    _c.remote_id,
    _c.remote_url,
    _c.last_error,
    _c.next_step,
    _c.created_at,
    _c.updated_at,
)
_IN_LANE = (_c.id, _c.subject, _c.subject_id, *_OWN)
# While a lane is parked, the reason for that is what holds back its open deliveries; but one whose fate is unknown keeps saying so.
_LAST_ERROR = case(
    (and_(_c.due_at.is_not(None), _c.state != DeliveryState.UNKNOWN.value, lanes.c.reason != ""), lanes.c.reason), else_=_c.last_error
).label("last_error")
_SHOWN = (_LAST_ERROR if column is _c.last_error else column for column in _OWN)
_FOUND = (
    select(_c.id, _c.integration, integrations.c.kind, integrations.c.company, _c.subject, _c.subject_id, *_SHOWN)
    .join_from(deliveries, integrations)
    .outerjoin(lanes, lanes.c.integration == _c.integration)
)


def _in_lane(*states: DeliveryState) -> Select[tuple[int]]:
    """Ids of due deliveries of a lane, oldest first: one walk along the index for each state."""
    # The detour keeps SQLite from walking the index by time, and sorting all that is due for the few it wants.
    is_due = and_(_c.due_at.is_not(None), func.coalesce(_c.due_at, bindparam("at")) <= bindparam("at"))
    due = [
        select(_c.id)
        .where(_c.integration == bindparam("lane"), _c.state == state.value, is_due)
        .order_by(_c.id)
        .limit(bindparam("limit"))
        .subquery(state.value)
        for state in states
    ]
    both = union_all(*(select(each.c.id) for each in due)).subquery("due")
    return select(both.c.id).order_by(both.c.id).limit(bindparam("limit"))


def _take(states: Sequence[DeliveryState], **values: object) -> Update:
    taken = update(deliveries).where(_c.id.in_(_in_lane(*states).scalar_subquery()))
    return taken.values(lease_token=bindparam("token"), **values).returning(*_IN_LANE)


_CLAIM = _take(
    [DeliveryState.PENDING, DeliveryState.WAITING], state=DeliveryState.IN_FLIGHT.value, handed_over=False, updated_at=bindparam("at")
)
_UNKNOWN = select(*_IN_LANE).where(_c.id.in_(_in_lane(DeliveryState.UNKNOWN).scalar_subquery()))


@cache
def _owe_again(dialect: str) -> Update:
    """An order that was skipped because it was on hold is owed again once it is billable."""
    record = records(dialect, *(_c[name] for name in _PAIR))
    same = [_c[name] == record.c[name] for name in _PAIR]
    at = bindparam("at", type_=_c.due_at.type)
    return (
        update(deliveries)
        .where(*same, _c.state == DeliveryState.SKIPPED.value)
        .values(state=DeliveryState.PENDING.value, due_at=at, updated_at=at)
    )


@cache
def _handed_over(dialect: str) -> Update:
    wanted = select(records(dialect, _c.id).c.id)
    held = (_c.lease_token == bindparam("token"), _c.state == DeliveryState.IN_FLIGHT.value)
    return update(deliveries).where(_c.id.in_(wanted), *held).values(handed_over=True)


@cache
def _lock(dialect: str) -> Select[Any]:
    wanted = select(records(dialect, _c.id).c.id)
    return select(_c.id, _c.lease_token, *_OWN).where(_c.id.in_(wanted)).order_by(_c.id).with_for_update()


@cache
def _steps(dialect: str) -> Select[Any]:
    wanted = records(dialect, _c.id)
    s = delivery_steps.c
    present = select(s.delivery_id, s.step, s.remote_id).join_from(wanted, deliveries, _c.id == wanted.c.id)
    return present.join(delivery_steps, and_(s.delivery_id == _c.id, s.sending == _c.resends)).order_by(s.delivery_id, s.at, s.step)


@cache
def _settle(dialect: str) -> Update:
    record = records(dialect, _c.id, *(_c[name] for name in _SETTLED))
    return update(deliveries).where(_c.id == record.c.id).values({name: record.c[name] for name in _SETTLED})


class SqlDeliveries(SqlLanes):
    """The port ``Deliveries``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._dialect = dialect_of(connection)

    def owe(self, owed: Sequence[Owed], at: datetime) -> int:
        now = as_text(at)
        # In one order for all, so that two who owe the same never wait for each other in a circle.
        pairs = sorted({(each.subject, each.subject_id, each.integration) for each in owed})
        rows = [(integration, subject, id_, DeliveryState.PENDING.value, now, now, now) for subject, id_, integration in pairs]
        count = insert_where_absent(self._connection, deliveries, _OWED, rows)
        orders = [(integration, subject, id_) for subject, id_, integration in pairs if subject == "order"]
        if orders:
            parameters = {RECORDS: as_records(_PAIR, orders), "at": at}
            count += self._connection.execute(_owe_again(self._dialect), parameters).rowcount
        return count

    def claim(self, lease: Lease, at: datetime, limit: int) -> Sequence[Delivery]:
        return self._take(_CLAIM, lease, at, limit)

    def unknown(self, lease: Lease, at: datetime, limit: int) -> Sequence[Delivery]:
        return self._take(_UNKNOWN, lease, at, limit)

    def _take(self, statement: Executable, lease: Lease, at: datetime, limit: int) -> Sequence[Delivery]:
        lane = self.lock_lane(lease)
        if lane is None:
            return []
        parameters = {"lane": lease.integration, "token": lease.token, "at": at, "limit": limit}
        rows = sorted(self._connection.execute(statement, parameters).all(), key=lambda row: row.id)
        return [_delivery((row.id, lease.integration, lane.kind, lane.company, *row[1:])) for row in rows]

    def mark_handed_over(self, lease: Lease, delivery_ids: Sequence[int]) -> bool:
        if self.lock_lane(lease) is None:
            return False
        parameters = {RECORDS: as_records(("id",), [(id_,) for id_ in delivery_ids]), "token": lease.token}
        # Fewer than asked for: a row is not in flight under this token, so it is not this worker's to send.
        return self._connection.execute(_handed_over(self._dialect), parameters).rowcount == len(delivery_ids)

    def record_step(self, lease: Lease, delivery_id: int, step: str, remote_id: str, at: datetime) -> bool:
        if self.lock_lane(lease) is None:
            return False
        # The worker is sending it, or, having the lane, looked it up.
        mine = or_(and_(_c.state == DeliveryState.IN_FLIGHT.value, _c.lease_token == lease.token), _c.state == DeliveryState.UNKNOWN.value)
        row = self._connection.execute(select(_c.resends, _c.state).where(_c.id == delivery_id, mine)).first()
        if row is None:
            return False
        left = without_nul(remote_id)
        new = insert_or(self._connection, delivery_steps).values(
            delivery_id=delivery_id, sending=row.resends, step=step, remote_id=left, at=at
        )
        # One that is there already must not take back that the step after it was handed over.
        if self._connection.execute(new.on_conflict_do_nothing().returning(delivery_steps.c.step)).first() is not None:
            self._connection.execute(update(deliveries).where(_c.id == delivery_id).values(handed_over=False, updated_at=at))
            self._add_attempts([(delivery_id, row.state, "step_done", f"{step}: {left}" if left else step, at, 0)])
        return True

    def steps(self, delivery_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        parameters = {RECORDS: as_records(("id",), [(id_,) for id_ in delivery_ids])}
        found: dict[int, dict[str, str]] = {}
        for row in self._connection.execute(_steps(self._dialect), parameters):
            found.setdefault(row.delivery_id, {})[row.step] = row.remote_id
        return found

    def settle(self, lease: Lease, changes: Sequence[Change], at: datetime) -> bool:
        if self.lock_lane(lease) is None:
            return False
        rows = self._lock(changes)
        mine = {id_ for id_, row in rows.items() if _is_held(row, lease)}
        self._record([(rows[each.delivery_id], each) for each in changes if each.delivery_id in mine], at)
        if any(each.state is DeliveryState.DELIVERED for each in changes):
            self._end_failures(lease)
        late = [(each, rows[each.delivery_id].state) for each in changes if each.delivery_id in rows.keys() - mine]
        self._add_attempts([_attempt(each, at, state, f"Came too late: {each.detail}") for each, state in late])
        return True

    def change(self, change: Change, expected: DeliveryState, at: datetime) -> bool:
        integration = self._connection.execute(select(_c.integration).where(_c.id == change.delivery_id)).scalar()
        if integration is None:
            return False
        # The lane's row first, as every worker does: so no two wait for each other, and none claims what is changed here.
        self.wake(integration)
        row = self._lock([change])[change.delivery_id]
        if row.state != expected.value:
            return False
        self._record([(row, change)], at)
        return True

    def _lock(self, changes: Sequence[Change]) -> Mapping[int, Row[*tuple[Any, ...]]]:
        wanted = as_records(("id",), [(each.delivery_id,) for each in changes])
        return {row.id: row for row in self._connection.execute(_lock(self._dialect), {RECORDS: wanted})}

    def _record(self, changes: Sequence[tuple[Row[*tuple[Any, ...]], Change]], at: datetime) -> None:
        if changes:
            values = [(change.delivery_id, *_settled(row, change, at)) for row, change in changes]
            self._connection.execute(_settle(self._dialect), {RECORDS: as_records(("id", *_SETTLED), values)})
            self._add_attempts([_attempt(change, at, change.state.value, change.detail) for _, change in changes])

    def find(self, delivery_id: int) -> Delivery | None:
        row = self._connection.execute(_FOUND.where(_c.id == delivery_id)).first()
        return None if row is None else _delivery(row)

    def attempts(self, delivery_id: int) -> Sequence[Attempt]:
        a = delivery_attempts.c
        query = select(a.delivery_id, a.state, a.outcome, a.detail, a.at, a.duration_ms).where(a.delivery_id == delivery_id)
        return [Attempt(*row) for row in self._connection.execute(query.order_by(a.id))]

    def list(self, wanted: DeliveryFilter, after: int, limit: int) -> Sequence[Delivery]:
        query = _FOUND.where(_c.id > after).order_by(_c.id).limit(limit)
        equal = (
            (_c.state, wanted.state),
            (_c.integration, wanted.integration),
            (integrations.c.company, wanted.company),
            (_c.subject, wanted.subject),
            (_c.subject_id, wanted.subject_id),
        )
        for column, value in equal:
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(_c.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(_c.created_at < wanted.until)
        return [_delivery(row) for row in self._connection.execute(query)]

    def next_due(self, integration: str) -> Delivery | None:
        first = _FOUND.where(_c.integration == integration, _c.due_at.is_not(None)).order_by(_c.due_at, _c.id).limit(1)
        row = self._connection.execute(first).first()
        return None if row is None else _delivery(row)

    def count_by_state(self) -> Mapping[str, int]:
        counts = self._connection.execute(select(_c.state, func.count()).group_by(_c.state).order_by(_c.state))
        return dict(counts.all())


def _is_held(row: Row[*tuple[Any, ...]], lease: Lease) -> bool:
    """Whether the worker may settle it: it is sending it under this lease, or, having the lane, looked it up."""
    if row.state == DeliveryState.IN_FLIGHT.value:
        return bool(row.lease_token == lease.token)
    return bool(row.state == DeliveryState.UNKNOWN.value)


def _settled(row: Row[*tuple[Any, ...]], change: Change, at: datetime) -> tuple[Any, ...]:
    state = change.state
    done = state is DeliveryState.DELIVERED
    asked_again = row.state == DeliveryState.DELIVERED.value and state is DeliveryState.PENDING
    return (
        state.value,
        as_text(change.due_at or at) if state in OPEN else None,
        "" if done else without_nul(change.detail),
        without_nul(change.next_step),
        without_nul(change.remote_id) or row.remote_id,
        without_nul(change.remote_url) or row.remote_url,
        row.attempts + (state not in _NO_TRY),
        row.resends + asked_again,
        row.handed_over and state not in _NOT_SENT,
        as_text(at),
    )


def _attempt(change: Change, at: datetime, state: str, detail: str) -> tuple[Any, ...]:
    return change.delivery_id, state, without_nul(change.outcome), without_nul(detail), at, change.duration_ms


def _delivery(row: Sequence[Any] | Row[*tuple[Any, ...]]) -> Delivery:
    id_, integration, kind, company, subject, subject_id, state, *rest = row
    return Delivery(id_, integration, kind, company, subject, subject_id, DeliveryState(state), *rest)
