"""Lanes and their leases: at most one worker drains a lane, and a late one is told by its token."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from adapters.persistence.bulk import insert_or, insert_rows
from adapters.persistence.pauses import is_open, stops_lane
from adapters.persistence.tables import deliveries, delivery_attempts, integrations, lanes, pauses
from adapters.persistence.types import KEY, without_nul
from application.ports.deliveries import Lane, Lease
from domain.delivery.state import DeliveryState

_ATTEMPT = ("delivery_id", "state", "outcome", "detail", "at", "duration_ms")
_FREE = datetime(2000, 1, 1, tzinfo=UTC)  # a lease that ended long ago
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

_d = deliveries.c
_i = integrations.c
_l = lanes.c
_HELD = (
    select(literal(1)).where(_l.integration == _i.path, or_(_l.expires_at > bindparam("at"), _l.parked_until > bindparam("at"))).exists()
)
_HINTED = select(literal(1)).where(_l.integration == _i.path, _l.hinted_at > bindparam("hinted_since")).exists()
_PAUSED = select(literal(1)).select_from(pauses).where(is_open(), stops_lane()).correlate(integrations).exists()


def _next_lane(behind: ColumnElement[str]) -> ScalarSelect[str]:
    """The first path behind another that has open deliveries: one look into the index, however many there are."""
    return select(func.min(_d.integration)).where(_d.due_at.is_not(None), _d.integration > behind).scalar_subquery()


def _due() -> Select[tuple[str]]:
    """A walk from lane to lane that ends with the last one wanted: it costs the same with ten lanes due or ten thousand."""
    walk = select(_next_lane(bindparam("after", type_=KEY)).label("path")).cte("walk", recursive=True)
    walk = walk.union_all(select(_next_lane(walk.c.path)).where(walk.c.path.is_not(None)))
    is_due = select(literal(1)).where(_d.integration == walk.c.path, _d.due_at <= bindparam("at")).exists()
    up_to = or_(bindparam("up_to", type_=KEY) == "", walk.c.path <= bindparam("up_to", type_=KEY))
    lane = select(walk.c.path).join_from(walk, integrations, _i.path == walk.c.path)
    return lane.where(_i.enabled, _i.declared, is_due, up_to, ~_HELD, ~_HINTED, ~_PAUSED).limit(bindparam("limit"))


_DUE = _due()
_open = (
    select(_d.integration, func.count().label("depth"), func.min(_d.created_at).label("oldest"), func.min(_d.due_at).label("next_at"))
    .where(_d.due_at.is_not(None))
    .group_by(_d.integration)
    .subquery("open")
)
_LANES = (
    select(
        _i.path,
        _i.company,
        _i.kind,
        _i.enabled,
        func.coalesce(_open.c.depth, 0).label("depth"),
        _open.c.oldest,
        _open.c.next_at,
        _l.owner,
        _l.expires_at,
        _l.parked_until,
        _l.failures,
        _l.reason,
    )
    .select_from(integrations)
    .outerjoin(lanes, _l.integration == _i.path)
    .outerjoin(_open, _open.c.integration == _i.path)
    .where(_i.declared, _i.path > bindparam("after", type_=KEY))
    .order_by(_i.path)
)
_LOCK = (
    select(_i.kind, _i.company)
    .join_from(lanes, integrations, _l.integration == _i.path)
    .where(_l.integration == bindparam("lane"), _l.token == bindparam("token"))
    .with_for_update(of=lanes)
)
_own = integrations.alias("own")
_COMPANY = select(_own.c.company).where(_own.c.path == bindparam("lane")).scalar_subquery()
# Who takes a lane of a company locks this row first, so that two who take two lanes of it at once count one after the other. It is the
# same row for both: nothing is deleted here, and `apply`, which could add one before it, writes to this row, too.
_TURNSTILE = select(literal(1)).where(_i.company == _COMPANY).order_by(_i.path).limit(1).with_for_update(key_share=True, of=integrations)
_HELD_BESIDE = (
    select(func.count())
    .select_from(lanes)
    .join(integrations, _i.path == _l.integration)
    .where(
        _i.company == _COMPANY,
        _l.integration != bindparam("lane"),
        _l.expires_at > bindparam("at", type_=_l.expires_at.type),
    )
)
_IN_FLIGHT = and_(_d.integration == bindparam("lane"), _d.due_at.is_not(None), _d.state == DeliveryState.IN_FLIGHT.value)
_RECLAIM = (
    update(deliveries)
    .where(_IN_FLIGHT)
    .values(
        state=case((_d.handed_over, DeliveryState.UNKNOWN.value), else_=DeliveryState.PENDING.value),
        due_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
    .returning(_d.id, _d.state)
)
_GIVE_BACK = update(deliveries).where(_IN_FLIGHT, ~_d.handed_over).values(state=DeliveryState.PENDING.value).returning(_d.id)
_WHY = {
    DeliveryState.UNKNOWN.value: "Its worker stopped after handing it over and before an answer: to be looked up before it is sent again.",
    DeliveryState.PENDING.value: "Its worker stopped before handing it over: nothing was sent.",
}


class SqlLanes:
    """The part of the port ``Deliveries`` that is about lanes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due_lanes(self, at: datetime, limit: int, after: str = "", hinted_since: datetime | None = None) -> Sequence[str]:
        asked = {"at": at, "limit": limit, "after": after, "up_to": "", "hinted_since": hinted_since or _NEVER}
        lanes_due = self._due(asked)
        if not after or len(lanes_due) == limit:
            return lanes_due
        rest = {**asked, "limit": limit - len(lanes_due), "after": "", "up_to": after}
        return [*lanes_due, *self._due(rest)]

    def _due(self, asked: Mapping[str, object]) -> list[str]:
        return [row.path for row in self._connection.execute(_DUE, asked)]

    def lanes(self, after: str, limit: int | None, at: datetime, company: str | None = None) -> Sequence[Lane]:
        wanted = _LANES if company is None else _LANES.where(_i.company == company)
        rows = self._connection.execute(wanted.limit(limit), {"after": after}).all()
        return [
            Lane(
                row.path,
                row.company,
                row.kind,
                row.enabled,
                row.depth,
                row.oldest,
                row.next_at,
                row.owner if row.expires_at is not None and row.expires_at > at else "",
                row.parked_until if row.parked_until is not None and row.parked_until > at else None,
                row.failures or 0,
                row.reason or "",
            )
            for row in rows
        ]

    def note_hints(self, integrations: Sequence[str], at: datetime) -> None:
        # A lane that nobody has taken yet has no row, and gets one whose lease ended long ago.
        new = insert_or(self._connection, lanes)
        noted = new.on_conflict_do_update(index_elements=[_l.integration], set_={"hinted_at": new.excluded.hinted_at})
        rows = [{"integration": path, "owner": "", "token": 0, "expires_at": _FREE, "hinted_at": at} for path in sorted(integrations)]
        if rows:
            self._connection.execute(noted, rows)

    def take_lease(self, integration: str, owner: str, at: datetime, until: datetime, company_lanes_max: int = 0) -> Lease | None:
        if company_lanes_max and self._is_company_full(integration, at, company_lanes_max):
            self._connection.execute(update(lanes).where(_l.integration == integration, _l.expires_at <= at).values(hinted_at=None))
            return None
        new = insert_or(self._connection, lanes).values(integration=integration, owner=owner, token=1, expires_at=until)
        next_token = {"owner": new.excluded.owner, "token": _l.token + 1, "expires_at": new.excluded.expires_at, "hinted_at": None}
        free = and_(_l.expires_at <= at, or_(_l.parked_until.is_(None), _l.parked_until <= at))
        taken = new.on_conflict_do_update(index_elements=[_l.integration], set_=next_token, where=free)
        row = self._connection.execute(taken.returning(_l.token, _l.failures)).first()
        if row is None:
            return None
        self._reclaim(integration, at)
        return Lease(integration, row.token, until, row.failures)

    def _is_company_full(self, integration: str, at: datetime, lanes_max: int) -> bool:
        """Whether as many other lanes of its company are held; true until the unit of work ends."""
        self._connection.execute(_TURNSTILE, {"lane": integration})
        held: int = self._connection.execute(_HELD_BESIDE, {"lane": integration, "at": at}).scalar_one()
        return held >= lanes_max

    def _reclaim(self, integration: str, at: datetime) -> None:
        """What an older token left in flight: the lane's row is locked, and its token moved on, so nobody settles it."""
        left = self._connection.execute(_RECLAIM, {"lane": integration, "now": at})
        self._add_attempts([(id_, state, "lease_expired", _WHY[state], at, 0) for id_, state in sorted(left)])

    def renew_lease(self, lease: Lease, until: datetime) -> Lease | None:
        renewed = self._connection.execute(_mine(lease).values(expires_at=until).returning(_l.failures)).first()
        return None if renewed is None else Lease(lease.integration, lease.token, until, renewed.failures)

    def release_lease(self, lease: Lease) -> None:
        self._connection.execute(_mine(lease).values(owner="", expires_at=_FREE))

    def park(self, lease: Lease, until: datetime, reason: str, at: datetime) -> None:
        parked = _mine(lease).values(parked_until=until, failures=_l.failures + 1, reason=without_nul(reason))
        if self._connection.execute(parked).rowcount == 0:
            return
        ids = self._connection.execute(_GIVE_BACK, {"lane": lease.integration}).scalars()
        self._add_attempts([(id_, DeliveryState.PENDING.value, "parked", without_nul(reason), at, 0) for id_ in sorted(ids)])

    def _end_failures(self, lease: Lease) -> None:
        self._connection.execute(_mine(lease).where(_l.failures > 0).values(parked_until=None, failures=0, reason=""))

    def wake(self, integration: str) -> None:
        """Locks the lane's row."""
        self._connection.execute(update(lanes).where(_l.integration == integration).values(parked_until=None))

    def lock_lane(self, lease: Lease) -> Row[*tuple[Any, ...]] | None:
        """Kind and company of the lane, locked so that no newer token can come before this unit of work ends; None where one has."""
        return self._connection.execute(_LOCK, {"lane": lease.integration, "token": lease.token}).first()

    def _add_attempts(self, rows: Sequence[tuple[Any, ...]]) -> None:
        insert_rows(self._connection, delivery_attempts, _ATTEMPT, rows)


def _mine(lease: Lease) -> Update:
    return update(lanes).where(_l.integration == lease.integration, _l.token == lease.token)
