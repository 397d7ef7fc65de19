"""Limits in windows that begin with a tenant's first call."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.fakes.clock import SetClock
from tests.fakes.xero import Allowance, FakeXero, faults
from tests.fakes.xero.client import Client, client_of


def test_a_minute_has_sixty_calls_and_then_another_begins(client: Client, xero_clock: SetClock) -> None:
    """The 61st is told how long to wait, and after that wait it is let in."""
    allowed = [client.get("/Currencies").status_code for _ in range(60)]
    xero_clock.advance(seconds=20)
    refused = client.get("/Currencies")
    xero_clock.advance(seconds=40)
    later = client.get("/Currencies")

    assert set(allowed) == {200}
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"], refused.headers["Retry-After"]) == (429, "minute", "40")
    assert refused.headers["X-MinLimit-Remaining"] == "0"
    assert (later.status_code, later.headers["X-MinLimit-Remaining"]) == (200, "59")
    assert client.xero.refused_calls == 1


def test_the_day_may_be_used_up_for_hours(xero_clock: SetClock) -> None:
    """A starter's thousand calls, here three."""
    with FakeXero(xero_clock, Allowance(day=3)) as xero:
        client = client_of(xero)
        remaining = [client.get("/Currencies").headers["X-DayLimit-Remaining"] for _ in range(3)]
        xero_clock.advance(hours=5)
        tokens = xero.connect(xero.add_app(), client.organisation)

        refused = Client(xero, client.organisation, tokens.access_token).get("/Currencies")

    assert remaining == ["2", "1", "0"]
    assert (refused.headers["X-Rate-Limit-Problem"], refused.headers["Retry-After"]) == ("day", str(19 * 3600))


def test_the_minute_of_the_app_is_for_all_its_tenants(xero_clock: SetClock) -> None:
    """Here two calls."""
    with FakeXero(xero_clock, Allowance(app_minute=2)) as xero:
        clients = [client_of(xero), client_of(xero), client_of(xero)]

        answers = [client.get("/Currencies") for client in clients]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["X-Rate-Limit-Problem"] == "appminute"


def test_five_calls_may_be_under_way_at_once(client: Client, fake_xero: FakeXero) -> None:
    """The sixth is refused at once and is not told when to come back."""
    gate = threading.Event()
    fake_xero.faults.next("/Currencies", faults.held(gate), times=5)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(client.get, "/Currencies") for _ in range(5)]
        while fake_xero.calls.total < 5 or fake_xero.peak_in_flight < 5:
            time.sleep(0.01)

        sixth = client.get("/Currencies")
        gate.set()
        answered = [future.result().status_code for future in waiting]

    assert (sixth.status_code, sixth.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
    assert "Retry-After" not in sixth.headers
    assert answered == [200] * 5
    assert fake_xero.peak_in_flight == 5


def test_tenants_have_limits_of_their_own(fake_xero: FakeXero) -> None:
    """What one uses up, the other still has."""
    busy, idle = client_of(fake_xero), client_of(fake_xero)
    fake_xero.limits.use_up_day(busy.organisation.tenant_id)

    assert [busy.get("/Currencies").status_code, idle.get("/Currencies").status_code] == [429, 200]
    assert fake_xero.limits.refused == {"day": 1}


def test_calls_are_counted_by_path_and_tenant_without_their_secrets(client: Client, fake_xero: FakeXero) -> None:
    """What a test may print."""
    client.get("/Currencies")
    client.get("/Currencies")
    requests.get(fake_xero.connections_url, headers={"Authorization": f"Bearer {client.access_token}"}, timeout=20)

    assert fake_xero.calls.total == 3
    assert fake_xero.calls.by_path() == {"GET /Currencies": 2, "GET /connections": 1}
    assert fake_xero.calls.by_tenant() == {client.organisation.tenant_id: 2}
    assert client.access_token not in repr(fake_xero.calls.entries)


@pytest.mark.parametrize("problem", ["minute", "day"])
def test_a_throttle_can_be_planned(client: Client, fake_xero: FakeXero, problem: str) -> None:
    """Without making sixty calls."""
    fake_xero.faults.next("/Currencies", faults.throttle(problem, 66_975))

    refused, allowed = client.get("/Currencies"), client.get("/Currencies")

    assert (refused.headers["X-Rate-Limit-Problem"], refused.headers["Retry-After"]) == (problem, "66975")
    assert allowed.status_code == 200
