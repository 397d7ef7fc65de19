"""jortt's 10 calls a second, kept by several workers as one."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import requests

from adapters.accounting.jortt.opening import open_jortt
from adapters.system.clock import SystemClock
from application.accounting.access_tokens import AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.destination import Consignment
from domain.companies.integration import Integration
from domain.delivery.outcome import Delivered
from domain.errors import TemporaryFailure
from tests.contracts.accounting.jortt.house import JorttHouse, an_invoice
from tests.factories import a_configuration
from tests.fakes.jortt.client import Client

WORKERS, EACH = 4, 10


def test_four_workers_never_call_more_than_ten_times_in_any_second(house: JorttHouse) -> None:
    """Four lanes with one token and one customer, as hard as they can; jortt turns no call away."""
    clock = SystemClock()
    tokens = AccessTokens(house.units_of_work, house.tools.access_tokens.vendors, clock, house.tools.access_tokens.telemetry)
    tools = replace(
        house.tools,
        access_tokens=tokens,
        pacer=CallPacer(house.units_of_work, clock, time.sleep, nap_max_s=60.0),
        memory=lambda: RemoteMemory(house.units_of_work, clock),
    )
    lanes = [replace(house.lane.integration, name=f"w{worker}") for worker in range(WORKERS)]
    token = Client.of_owner(house.jortt, house.organisation, requests.Session()).token
    connect_all(house, lanes, token, clock)
    delivered: list[set[str]] = [set() for _ in range(WORKERS)]

    def work(worker: int) -> None:
        invoices = [an_invoice(100 * (worker + 1) + number) for number in range(EACH)]
        batch = [Consignment(invoice.number, f"dlv-{invoice.number}-0", invoice) for invoice in invoices]
        lane = replace(house.lane, integration=lanes[worker])
        while len(delivered[worker]) < EACH:
            # A lane is parked while another worker creates the customer of both.
            with suppress(TemporaryFailure), open_jortt(lane, tools) as destination:
                for _, outcome in destination.deliver(batch, lambda _: None):
                    delivered[worker].update({outcome.remote_id} if isinstance(outcome, Delivered) else ())

    house.jortt.limit.per_second = 10
    threads = [Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert house.jortt.limit.throttled == 0
    assert Counter(house.invoices().values()) == {1: WORKERS * EACH}
    assert len(house.customers()) == 1


def connect_all(house: JorttHouse, lanes: list[Integration], token: str, clock: SystemClock) -> None:
    """All with one token: jortt counts by it."""
    now = clock.now()
    with house.units_of_work() as uow:
        uow.configurations.save(a_configuration(house.lane.company, integrations={lane.path: lane for lane in lanes}), {}, {})
        for lane in lanes:
            given = Tokens(token, now + timedelta(hours=1))
            uow.connections.save(
                Connection(lane.path, ConnectionState.OK, client_id="billhook", organisation_id=house.organisation.id, tokens=given), now
            )
        uow.commit()
