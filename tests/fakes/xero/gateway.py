"""The way of a call: log, planned faults, token, tenant, scope, limits, contract, idempotency key, and then the books."""

import threading
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from application.ports.clock import Clock
from tests.fakes.xero.contract import Contract
from tests.fakes.xero.faults import Fault, Faults
from tests.fakes.xero.idempotency import IdempotencyKeys
from tests.fakes.xero.identity import Access
from tests.fakes.xero.identity_pages import IdentityPages
from tests.fakes.xero.limits import Limits
from tests.fakes.xero.log import CallLog
from tests.fakes.xero.organisation import Organisation, Organisations
from tests.fakes.xero.routes import Route, find_route
from tests.fakes.xero.tables import Table
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer, Call, Refused, json_answer, not_found, refuse

API_ROOT = "/api.xro/2.0"
# No status that anybody uses: a test that sees it reads `contract_violations`.
_VIOLATION = 599
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A call that has passed the doorkeeper."""

    access: Access
    organisation: Organisation
    route: Route
    task: Task


class Gateway:
    """Answers every call; None resets the connection."""

    def __init__(
        self,
        clock: Clock,
        organisations: Organisations,
        pages: IdentityPages,
        limits: Limits,
        faults: Faults,
        calls: CallLog,
        contract: Contract | None,
    ) -> None:
        self.closed = threading.Event()
        self.keys = IdempotencyKeys(clock)
        self.violations: list[str] = []
        self.refused_calls = 0
        self._lock = threading.Lock()
        self._clock = clock
        self._organisations = organisations
        self._pages = pages
        self._limits = limits
        self._faults = faults
        self._calls = calls
        self._contract = contract

    def act(self, call: Call) -> Answer | None:
        """Answer one call. A mistake of the fake itself is told as a violation: it must not look like a fault of the network."""
        try:
            answer = self._act(call)
        except Exception:  # noqa: BLE001 - whatever it is, the test must see it
            answer = self._violated(call, traceback.format_exc())
        if answer is not None and answer.status == _TOO_MANY:
            with self._lock:
                self.refused_calls += 1
        return answer

    def _act(self, call: Call) -> Answer | None:
        path = _known_path(call.path)
        self._calls.add(call, path)
        fault = self._faults.take(call.method, path, call.body)
        if fault.at_gateway:
            return None if fault.dropped else self._held(fault, fault.answered or json_answer(500, {}))
        try:
            answer = self._accounting(call, path, fault) if call.path.startswith(API_ROOT) else self._identity(call, path, fault)
        except Refused as refused:
            return refused.answer
        return None if fault.dropped else answer

    def _identity(self, call: Call, path: str, fault: Fault) -> Answer:
        pages = {
            ("GET", "/connect/authorize"): self._pages.authorize,
            ("POST", "/connect/token"): self._pages.token,
            ("POST", "/connect/revocation"): self._pages.revoke,
        }
        answered = _faulty(fault, lambda: pages.get((call.method, path), self._connections)(call))
        return self._held(fault, answered)

    def _connections(self, call: Call) -> Answer:
        """``/connections`` and one of them."""
        _, name, *rest = call.path.split("/")
        if name != "connections":
            not_found()
        client_id = self._authenticated(call).grant.client_id
        if call.method == "GET" and not rest:
            return self._pages.list_connections(client_id, call.query.get("authEventId"))
        if call.method != "DELETE" or len(rest) != 1:
            not_found()
        return self._pages.disconnect(client_id, rest[0])

    def _accounting(self, call: Call, path: str, fault: Fault) -> Answer:
        allowed = self._allowed(call, path)
        with self._limits.passing(allowed.access.grant.client_id, allowed.organisation.tenant_id) as headers:
            answer = self._limited(call, allowed, fault)
            self._held(fault, answer)
        named = {**answer.headers, **headers, "Xero-Correlation-Id": str(uuid.uuid4())}
        return replace(answer, headers=named)

    def _limited(self, call: Call, allowed: _Allowed, fault: Fault) -> Answer:
        violation = self._contract and self._contract.refuses_call(call, allowed.route.template, allowed.task.parameters)
        if violation:
            return self._violated(call, violation)
        answer = self.keys.once(allowed.access.grant.client_id, call, lambda: _faulty(fault, lambda: _booked(allowed, fault)))
        if self._contract and fault.answered is None:
            violation = self._contract.refuses_answer(call, allowed.route.template, allowed.task.parameters, answer)
            if violation:
                return self._violated(call, violation)
        return answer if "json" in call.headers.get("accept", "") or not _is_json(answer) else _as_xml(answer)

    def _violated(self, call: Call, violation: str) -> Answer:
        self.violations.append(f"{call.method} {call.path}: {violation}")
        return json_answer(_VIOLATION, {"Title": "The fake's contract was broken", "Detail": violation})

    def _allowed(self, call: Call, path: str) -> _Allowed:
        """Error: Refused, with 401, 403 or 404."""
        access = self._authenticated(call)
        tenant_id = call.headers.get("xero-tenant-id", "")
        if not any(connection.tenant_id == tenant_id for connection in self._pages.identity.connected(access.grant.client_id)):
            refuse(403, {"title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful", "instance": str(uuid.uuid4())})
        found = find_route(call.method, path)
        if found is None:
            not_found()
        route, parameters = found
        if not route.allowed_with(access.grant.scopes):
            _unauthorized("AuthorizationUnsuccessful")
        organisation = self._organisations.all[tenant_id]
        return _Allowed(access, organisation, route, Task(call, organisation, parameters))

    def _authenticated(self, call: Call) -> Access:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        access = self._pages.identity.access(token)
        if scheme != "Bearer" or access is None:
            _unauthorized("AuthenticationUnsuccessful")
        if self._clock.now() >= access.expires_at:
            _unauthorized(f"TokenExpired: token expired at {access.expires_at:%m/%d/%Y %H:%M:%S}")
        return access

    def _held(self, fault: Fault, answer: Answer) -> Answer:
        """The answer, when its time has come or the server closes."""
        if fault.delay_s:
            self.closed.wait(fault.delay_s)
        while fault.until is not None and not fault.until.wait(0.02) and not self.closed.is_set():
            pass
        return answer


def _known_path(path: str) -> str:
    """What a call is for, whatever stands before it: addresses of the identity service are compared by their end."""
    if path.startswith(API_ROOT):
        return path.removeprefix(API_ROOT)
    _, found, end = path.rpartition("/connect/")
    return found + end if found else path


def _faulty(fault: Fault, act: Callable[[], Answer]) -> Answer:
    answer = act() if fault.committed or fault.answered is None else fault.answered
    return fault.answered or answer


def _booked(allowed: _Allowed, fault: Fault) -> Answer:
    """What the books say, one call at a time."""
    organisation = allowed.organisation
    with organisation.lock:
        before = {kind: _ids(table) for kind, table in organisation.tables.items()} if fault.hidden_for else {}
        try:
            answer = allowed.route.handle(allowed.task)
        except Refused as refused:
            return refused.answer
        for kind, known in before.items():
            table = organisation.tables[kind]
            for record_id in _ids(table) - known:
                table.hide(record_id, fault.hidden_for)
        return answer


def _ids(table: Table) -> set[str]:
    return {str(record[table.id_name]) for record in table.rows()}


def _unauthorized(detail: str) -> NoReturn:
    refuse(401, {"Title": "Unauthorized", "Status": 401, "Detail": detail, "Instance": str(uuid.uuid4())})


def _is_json(answer: Answer) -> bool:
    return "json" in answer.headers.get("Content-Type", "")


def _as_xml(answer: Answer) -> Answer:
    """What who forgets the Accept header gets. Nobody here reads it, so it says no more than that."""
    body = b'<?xml version="1.0" encoding="utf-8"?><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Status>OK</Status></Response>'
    return replace(answer, body=body, headers={**answer.headers, "Content-Type": "text/xml; charset=utf-8"})
