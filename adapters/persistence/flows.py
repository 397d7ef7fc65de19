"""How far flows have come, and what they have taken."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import deliveries, flow_customers, flow_items, flow_states
from application.ports.flows import FlowState, StoredCustomer

_CHUNK = 500
_s, _i, _k, _d = flow_states.c, flow_items.c, flow_customers.c, deliveries.c
_STATES = select(flow_states)
_ITEMS = select(_i.remote_id, _i.fingerprint).where(_i.flow == bindparam("flow"), _i.what == bindparam("what"))
_CUSTOMERS = select(_k.id, _k.flow, _k.remote_id, _k.body)
_OF_CUSTOMERS = and_(_d.subject == "customer", _d.subject_id == _k.id)
_BOTH = flow_customers.join(deliveries, _OF_CUSTOMERS)
_DELIVERED = _CUSTOMERS.add_columns(_d.remote_id.label("there")).select_from(_BOTH).order_by(_k.id)
_WRITTEN_TO = select(_d.remote_id).select_from(_BOTH)
_DECODE = msgspec.json.Decoder(dict[str, str])


class SqlFlows:
    """The port ``Flows``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, name: str) -> FlowState:
        self._connection.execute(insert_or(self._connection, flow_states).on_conflict_do_nothing(), _row(FlowState(name)))
        return _state(self._connection.execute(_STATES.where(_s.name == name).with_for_update()).one())

    def save(self, state: FlowState) -> None:
        row = _row(state)
        del row["name"]
        self._connection.execute(update(flow_states).where(_s.name == state.name).values(row))

    def states(self) -> Sequence[FlowState]:
        return [_state(row) for row in self._connection.execute(_STATES.order_by(_s.name))]

    def fingerprints(self, name: str, what: str, remote_ids: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        wanted = iter(sorted(set(remote_ids)))
        while chunk := list(islice(wanted, _CHUNK)):
            rows = self._connection.execute(_ITEMS.where(_i.remote_id.in_(chunk)), {"flow": name, "what": what})
            found.update({row.remote_id: row.fingerprint for row in rows})
        return found

    def add_customers(self, name: str, bodies: Mapping[str, bytes], at: datetime) -> Sequence[int]:
        return [
            self._connection.execute(
                insert(flow_customers).values(flow=name, remote_id=remote_id, body=body, taken_at=at).returning(_k.id)
            ).scalar_one()
            for remote_id, body in sorted(bodies.items())
        ]

    def customers(self, customer_ids: Collection[int]) -> Mapping[int, StoredCustomer]:
        found: dict[int, StoredCustomer] = {}
        wanted = iter(sorted(set(customer_ids)))
        while chunk := list(islice(wanted, _CHUNK)):
            for row in self._connection.execute(_CUSTOMERS.where(_k.id.in_(chunk))):
                found[row.id] = _customer(row)
        return found

    def delivered_customers(self, integration: str, there: Collection[str]) -> Mapping[str, StoredCustomer]:
        found: dict[str, StoredCustomer] = {}
        wanted = iter(sorted(set(there) - {""}))
        while chunk := list(islice(wanted, _CHUNK)):
            rows = self._connection.execute(_DELIVERED.where(_d.integration == integration, _d.remote_id.in_(chunk)))
            found.update({row.there: _customer(row) for row in rows})
        return found

    def customers_under_way(self, integration: str) -> Sequence[StoredCustomer]:
        query = _DELIVERED.where(_d.integration == integration, _d.due_at.is_not(None))
        return [_customer(row) for row in self._connection.execute(query)]

    def record_there(self, name: str, remote_id: str) -> str:
        written = _WRITTEN_TO.where(_k.flow == name, _k.remote_id == remote_id, _d.remote_id != "")
        return self._connection.execute(written.order_by(_k.id.desc()).limit(1)).scalar_one_or_none() or ""

    def is_overtaken(self, customer: StoredCustomer, by: Collection[str]) -> bool:
        there = self.record_there(customer.flow, customer.remote_id)
        back = _WRITTEN_TO.with_only_columns(_k.remote_id).where(_k.flow.in_(sorted(by)), _d.remote_id == customer.remote_id)
        records = {there, *self._connection.execute(back).scalars()} - {""}
        later = select(_k.id).where(_k.flow.in_(sorted(by)), _k.remote_id.in_(sorted(records)), _k.id > customer.customer_id)
        return self._connection.execute(later.limit(1)).first() is not None

    def took(self, name: str, what: str, fingerprints: Mapping[str, str], at: datetime) -> None:
        rows = [
            {"flow": name, "what": what, "remote_id": remote_id, "fingerprint": print_, "taken_at": at}
            for remote_id, print_ in sorted(fingerprints.items())
        ]
        if not rows:
            return
        new = insert_or(self._connection, flow_items)
        changed = {key: new.excluded[key] for key in ("fingerprint", "taken_at")}
        self._connection.execute(new.on_conflict_do_update(index_elements=[_i.flow, _i.what, _i.remote_id], set_=changed), rows)


def _row(state: FlowState) -> dict[str, Any]:
    return {
        "name": state.name,
        "schedule_fingerprint": state.schedule_fingerprint,
        "next_run_at": state.next_run_at,
        "next_slot": state.next_slot,
        "cursors": msgspec.json.encode(state.cursors).decode(),
        "restarts": msgspec.json.encode(state.restarts).decode(),
        "token": state.token,
        "leased_until": state.leased_until,
        "ran_at": state.ran_at,
        "taken": state.taken,
        "problem": state.problem,
    }


def _customer(row: Row[*tuple[Any, ...]]) -> StoredCustomer:
    return StoredCustomer(row.id, row.flow, row.remote_id, bytes(row.body))


def _state(row: Row[*tuple[Any, ...]]) -> FlowState:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return FlowState(**{**values, "cursors": _DECODE.decode(values["cursors"]), "restarts": _DECODE.decode(values["restarts"])})
