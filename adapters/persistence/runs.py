"""Invoicing runs and where the schedules stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, literal, or_, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.pauses import is_open, stops
from adapters.persistence.tables import pauses, plans, runs
from application.ports.pauses import PauseScope, Queue
from application.ports.runs import PlanState, Run

DUE = "due"
DONE = "done"

_p = plans.c
_r = runs.c
_PLAN = select(_p.company, _p.next_run_at, _p.next_slot, _p.schedule_fingerprint)
_RUN = select(_r.id, _r.company, _r.slot, _r.state, _r.issued, _r.skipped, _r.created_at, _r.finished_at)
_STOPPED = (
    select(literal(1))
    .select_from(pauses)
    .where(
        is_open(),
        or_(
            pauses.c.scope == PauseScope.FLEET.value,
            stops(PauseScope.QUEUE, Queue.INVOICING.value),
            stops(PauseScope.COMPANY, _r.company),
        ),
    )
    .correlate(runs)
    .exists()
)
_DUE = _RUN.where(_r.finished_at.is_(None), ~_STOPPED).order_by(_r.id).limit(bindparam("limit"))


class SqlRuns:
    """The port ``Runs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_plan(self, company: str) -> PlanState | None:
        row = self._connection.execute(_PLAN.where(_p.company == company).with_for_update()).first()
        return None if row is None else PlanState(*row)

    def plans(self) -> Sequence[PlanState]:
        return [PlanState(*row) for row in self._connection.execute(_PLAN.order_by(_p.company))]

    def due_plans(self, at: datetime) -> Sequence[str]:
        due = select(_p.company).where(_p.next_run_at <= at).order_by(_p.next_run_at, _p.company)
        return self._connection.execute(due).scalars().all()

    def save_plan(self, state: PlanState) -> None:
        standing = {"next_run_at": state.next_run_at, "next_slot": state.next_slot, "schedule_fingerprint": state.schedule_fingerprint}
        new = insert_or(self._connection, plans).values(company=state.company, **standing)
        self._connection.execute(new.on_conflict_do_update(index_elements=[_p.company], set_=standing))

    def add(self, company: str, slot: str, at: datetime) -> int | None:
        new = insert_or(self._connection, runs).values(company=company, slot=slot, state=DUE, created_at=at)
        return self._connection.execute(new.on_conflict_do_nothing().returning(_r.id)).scalar()

    def due(self, limit: int, at: datetime) -> Sequence[Run]:
        return [_run(row) for row in self._connection.execute(_DUE, {"at": at, "limit": limit})]

    def find(self, run_id: int) -> Run | None:
        row = self._connection.execute(_RUN.where(_r.id == run_id)).first()
        return None if row is None else _run(row)

    def finish(self, run_id: int, issued: int, skipped: Mapping[str, int], at: datetime) -> None:
        counts = msgspec.json.encode(dict(skipped)).decode()
        done = update(runs).where(_r.id == run_id).values(state=DONE, issued=issued, skipped=counts, finished_at=at)
        self._connection.execute(done)

    def open_for(self, company: str) -> bool:
        one = select(_r.id).where(_r.finished_at.is_(None), _r.company == company).limit(1)
        return self._connection.execute(one).first() is not None


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    id_, company, slot, state, issued, skipped, created_at, finished_at = row
    return Run(id_, company, slot, state, issued, msgspec.json.decode(skipped), created_at, finished_at)
