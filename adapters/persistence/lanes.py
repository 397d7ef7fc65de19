"""Lanes and their leases: at most one worker drains a lane, and a late one is told by its token."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, and_, bindparam, case, func, literal, or_, select, update

from adapters.persistence.bulk import insert_or, insert_rows
from adapters.persistence.tables import deliveries, delivery_attempts, integrations, lanes
from adapters.persistence.types import without_nul
from application.ports.deliveries import Lease
from domain.delivery.state import DeliveryState

_ATTEMPT = ("delivery_id", "state", "outcome", "detail", "at", "duration_ms")
_FREE = datetime(2000, 1, 1, tzinfo=UTC)  # a lease that ended long ago

_d = deliveries.c
_i = integrations.c
_l = lanes.c
_OLDEST = select(func.min(_d.due_at)).where(_d.integration == _i.path, _d.due_at.is_not(None)).scalar_subquery()
_HELD = (
    select(literal(1)).where(_l.integration == _i.path, or_(_l.expires_at > bindparam("at"), _l.parked_until > bindparam("at"))).exists()
)
_lane = select(_i.path, _OLDEST.label("oldest")).where(_i.enabled, _i.declared, ~_HELD).subquery("lane")
_DUE = select(_lane.c.path).where(_lane.c.oldest <= bindparam("at")).order_by(_lane.c.oldest, _lane.c.path).limit(bindparam("limit"))
_LOCK = (
    select(_i.kind, _i.company)
    .join_from(lanes, integrations, _l.integration == _i.path)
    .where(_l.integration == bindparam("lane"), _l.token == bindparam("token"))
    .with_for_update(of=lanes)
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

    def due_lanes(self, at: datetime, limit: int) -> Sequence[str]:
        return self._connection.execute(_DUE, {"at": at, "limit": limit}).scalars().all()

    def take_lease(self, integration: str, owner: str, at: datetime, until: datetime) -> Lease | None:
        new = insert_or(self._connection, lanes).values(integration=integration, owner=owner, token=1, expires_at=until)
        next_token = {"owner": new.excluded.owner, "token": _l.token + 1, "expires_at": new.excluded.expires_at}
        free = and_(_l.expires_at <= at, or_(_l.parked_until.is_(None), _l.parked_until <= at))
        taken = new.on_conflict_do_update(index_elements=[_l.integration], set_=next_token, where=free)
        row = self._connection.execute(taken.returning(_l.token, _l.failures)).first()
        if row is None:
            return None
        self._reclaim(integration, at)
        return Lease(integration, row.token, until, row.failures)

    def _reclaim(self, integration: str, at: datetime) -> None:
        """What an older token left in flight: the lane's row is locked, and its token moved on, so nobody settles it."""
        left = self._connection.execute(_RECLAIM, {"lane": integration, "now": at})
        self._add_attempts([(id_, state, "lease_expired", _WHY[state], at, 0) for id_, state in sorted(left)])

    def renew_lease(self, lease: Lease, until: datetime) -> Lease | None:
        renewed = self._connection.execute(_mine(lease).values(expires_at=until).returning(_l.failures)).first()
        return None if renewed is None else Lease(lease.integration, lease.token, until, renewed.failures)

    def release_lease(self, lease: Lease) -> None:
        self._connection.execute(_mine(lease).values(owner="", expires_at=_FREE))

    def park(self, lease: Lease, until: datetime, reason: str) -> None:
        parked = _mine(lease).values(parked_until=until, failures=_l.failures + 1, reason=without_nul(reason))
        if self._connection.execute(parked).rowcount == 0:
            return
        now = datetime.now(UTC)
        ids = self._connection.execute(_GIVE_BACK, {"lane": lease.integration}).scalars()
        self._add_attempts([(id_, DeliveryState.PENDING.value, "parked", without_nul(reason), now, 0) for id_ in sorted(ids)])

    def _end_failures(self, lease: Lease) -> None:
        self._connection.execute(_mine(lease).where(_l.failures > 0).values(parked_until=None, failures=0, reason=""))

    def _unpark(self, integration: str) -> None:
        """Somebody may have mended something: let the lane try again. Locks the lane's row."""
        self._connection.execute(update(lanes).where(_l.integration == integration).values(parked_until=None))

    def lock_lane(self, lease: Lease) -> Row[*tuple[Any, ...]] | None:
        """Kind and company of the lane, locked so that no newer token can come before this unit of work ends; None where one has."""
        return self._connection.execute(_LOCK, {"lane": lease.integration, "token": lease.token}).first()

    def _add_attempts(self, rows: Sequence[tuple[Any, ...]]) -> None:
        insert_rows(self._connection, delivery_attempts, _ATTEMPT, rows)


def _mine(lease: Lease) -> Update:
    return update(lanes).where(_l.integration == lease.integration, _l.token == lease.token)
