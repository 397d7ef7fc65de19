"""Invoices to one organisation at Xero, in calls and in processor time; beside bare PUTs of the same bodies."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from application.consignments import ConsignmentLoader
from application.lane_contexts import lane_context
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.destination import Consignment
from application.use_cases.drain_lane import DrainLane
from application.use_cases.start_run import StartRun
from domain.companies.integration import Integration
from domain.companies.plan import Layout
from domain.delivery.outcome import Delivered
from entrypoints.container import Application
from tests import factories
from tests.benchmarks import stage
from tests.benchmarks.apart import apart
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.orders import order_body
from tests.benchmarks.progress import say
from tests.fakes.xero import FakeXero, Organisation
from tests.services.postgres import PostgresServer

INVOICES = 1_000
"""No other size: the goal of calls is about a thousand."""
GOAL_MS = 2.0
GOAL_CALLS = 30
_COMPANY = "501"
_PATH = f"{_COMPANY}/xero"
_CONTACT = "Gift Shop Ltd"
_BATCH = 50
_FIRST_ORDER = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """Milliseconds of the processor an invoice: the adapter's, of bare PUTs, and of a whole lane; and the calls of the lane."""

    adapter_ms: float
    bare_ms: float
    lane_ms: float
    calls: int


def measure(postgres: PostgresServer, repeats: int) -> Figure:
    """The fake works in another process than what is measured, and counts the calls."""
    template = postgres.template("xero", _fill)
    runs = []
    for number in range(1, repeats + 1):
        run = _measure_once(postgres, template)
        say(f"xero, run {number} of {repeats}: adapter {run.adapter_ms:.2f} ms an invoice, bare PUTs {run.bare_ms:.2f}, {run.calls} calls")
        runs.append(run)
    value, floor, lane = (statistics.median(getattr(run, name) for run in runs) for name in ("adapter_ms", "bare_ms", "lane_ms"))
    return Figure(
        what=f"{INVOICES:,} invoices to one organisation at Xero, processor time of the adapter",
        unit="ms/invoice",
        value=round(value, 3),
        floor_is="requests alone: the same PUTs with ready-made bodies over one session",
        floor=round(floor, 3),
        ratio=round(value / floor, 3),
        goal=GOAL_MS,
        goal_is=Goal.VALUE_AT_MOST,
        runs=[{"value": round(run.adapter_ms, 3), "floor": round(run.bare_ms, 3)} for run in runs],
        facts={"invoices": INVOICES, "calls": max(run.calls for run in runs), "lane_ms": round(lane, 3)},
    )


def _measure_once(postgres: PostgresServer, template: str) -> Run:
    with FakeXero() as xero, stage.fresh_copy(postgres, template) as url:
        organisation = _connected(url, xero)
        adapter_s = apart(_deliver, url, xero.origin)
        _require_all(xero, organisation)
        bodies = [(call.query, call.body, call.headers["idempotency-key"]) for call in xero.calls.of("PUT", "/Invoices")]
        contact_id = organisation.invoices[0]["Contact"]["ContactID"]
    with FakeXero() as xero:
        there = xero.add_organisation()
        ours = [(query, body.replace(contact_id.encode(), _contact_in(there).encode()), key) for query, body, key in bodies]
        token = xero.connect(xero.add_app(), there).access_token
        bare_s = apart(_put, xero.api_url, {"Authorization": f"Bearer {token}", "xero-tenant-id": there.tenant_id}, ours)
        _require_all(xero, there)
    with FakeXero() as xero, stage.fresh_copy(postgres, template) as url:
        organisation = _connected(url, xero)
        lane_s = apart(_drain, url, xero.origin)
        _require_all(xero, organisation)
        calls = xero.calls.total
    if calls > GOAL_CALLS:
        raise RuntimeError(f"{calls} calls for {INVOICES} invoices; the goal is {GOAL_CALLS}")
    adapter_ms, bare_ms, lane_ms = (seconds * 1000 / INVOICES for seconds in (adapter_s, bare_s, lane_s))
    return Run(adapter_ms, bare_ms, lane_ms, calls)


def _fill(url: str) -> None:
    """A company whose orders are invoiced one by one, and owed to its Xero."""
    company = factories.a_company(ref=_COMPANY, plan=factories.a_plan(layout=Layout.INDIVIDUAL))
    settings = {"client_id": "billhook", "redirect_uri": "http://localhost:8765/callback", "contact_name": _CONTACT}
    integrations = {_PATH: Integration(_COMPANY, "xero", settings=settings)}
    with stage.application(url) as billhook:
        billhook.migrate()
        with billhook.container.units_of_work()() as uow:
            configuration = factories.a_configuration(company, integrations=integrations)
            uow.configurations.save(configuration, {}, {_PATH: {"client_secret": "app-secret"}})
            uow.commit()
    stage.feed(url, (order_body(number, company=_COMPANY, items=3) for number in range(_FIRST_ORDER, _FIRST_ORDER + INVOICES)))
    with stage.application(url) as billhook:
        billhook.catalogue.start_run(StartRun(_COMPANY))


def _contact_in(organisation: Organisation) -> str:
    return str(organisation.add_contact(_CONTACT)["ContactID"])


def _connected(url: str, xero: FakeXero) -> Organisation:
    """An organisation of the fake, as after a consent."""
    organisation = xero.add_organisation()
    _contact_in(organisation)
    given = xero.connect(xero.add_app(), organisation)
    with stage.application(url) as billhook, billhook.container.units_of_work()() as uow:
        now = billhook.container.clock().now()
        tokens = Tokens(given.access_token, now + timedelta(seconds=given.expires_in_s), given.refresh_token or "")
        where: dict[str, Any] = {"organisation_id": organisation.tenant_id, "organisation_name": organisation.name}
        connection = Connection(_PATH, ConnectionState.OK, client_id="billhook", tokens=tokens, refreshed_at=now, connected_at=now, **where)
        uow.connections.save(connection, now)
        uow.commit()
    return organisation


def _require_all(xero: FakeXero, organisation: Organisation) -> None:
    if len(organisation.invoices) != INVOICES or set(organisation.effects().values()) != {1} or xero.refused_calls:
        raise RuntimeError(f"{len(organisation.invoices)} invoices are at Xero, which refused {xero.refused_calls} calls")


def _application(url: str, origin: str) -> Any:
    return stage.application(url, allowed_networks="127.0.0.1", xero_api_url=origin, xero_login_url=origin, xero_identity_url=origin)


def _deliver(url: str, origin: str) -> float:
    """Seconds of the processor that the adapter takes, on one visit."""
    with _application(url, origin) as billhook:
        batches = _batches(billhook)
        with billhook.container.units_of_work()() as uow:
            lane = lane_context(uow, _PATH)
        with billhook.container.destinations().open(lane) as destination:
            began = time.thread_time()
            outcomes = [outcome for batch in batches for _, outcome in destination.deliver(batch, lambda _: None)]
            seconds = time.thread_time() - began
    if not all(isinstance(outcome, Delivered) for outcome in outcomes):
        raise RuntimeError("not everything was delivered")
    return seconds


def _batches(billhook: Application) -> list[list[Consignment]]:
    """What the lane is owed, loaded before the time is taken."""
    units_of_work = billhook.container.units_of_work()
    with units_of_work() as uow:
        lease = uow.deliveries.take_lease(_PATH, "benchmark", *_next_hour(billhook), 3)
        if lease is None:
            raise RuntimeError("somebody has the lane")
        owed = uow.deliveries.claim(lease, billhook.container.clock().now(), INVOICES)
    loader = ConsignmentLoader(units_of_work, billhook.container.translators())
    loaded = [each for each in loader.load(owed) if isinstance(each, Consignment)]
    return [loaded[start : start + _BATCH] for start in range(0, len(loaded), _BATCH)]


def _next_hour(billhook: Application) -> tuple[Any, Any]:
    now = billhook.container.clock().now()
    return now, now + timedelta(hours=1)


def _put(api_url: str, headers: dict[str, str], calls: Sequence[tuple[dict[str, str], bytes, str]]) -> float:
    """Seconds of the processor for the same calls, each answer read as JSON."""
    with requests.Session() as session:
        began = time.thread_time()
        for query, body, key in calls:
            more = {"Idempotency-Key": key, "Content-Type": "application/json", "Accept": "application/json"}
            answer = session.put(f"{api_url}/Invoices", params=query, data=body, headers={**headers, **more}, timeout=60)
            if answer.status_code != requests.codes.ok or len(answer.json()["Invoices"]) != _BATCH:
                raise RuntimeError(f"the fake answered {answer.status_code}")
        return time.thread_time() - began


def _drain(url: str, origin: str) -> float:
    """Seconds of the processor that a lane takes: loading, claiming, the adapter, and what is recorded."""
    with _application(url, origin) as billhook:
        began = time.process_time()
        settled = 0
        while settled < INVOICES:
            done = billhook.catalogue.drain_lane(DrainLane(_PATH))
            if not done:
                raise RuntimeError(f"the lane stopped after {settled} invoices")
            settled += done
        return time.process_time() - began
