"""Idempotency keys: six minutes, one request, and errors are kept too."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.fakes.clock import SetClock
from tests.fakes.xero import FakeXero, faults
from tests.fakes.xero.client import Client
from tests.fakes.xero.samples import invoice, purchase_order


def test_a_repeated_key_gets_the_first_answer(client: Client) -> None:
    """Also when it was lost on the way; the document exists once."""
    document = invoice(client.organisation)

    first, second = (client.put("Invoices", document, key="K1") for _ in range(2))

    assert first.json() == second.json()
    assert client.organisation.effects() == {"ACME-1": 1}
    assert client.xero.replays == 1


def test_a_key_belongs_to_one_request(client: Client) -> None:
    """Another body under the same key is a mistake."""
    client.put("Invoices", invoice(client.organisation), key="K1")

    answer = client.put("Invoices", invoice(client.organisation, "ACME-2"), key="K1")

    assert answer.status_code == 400
    assert "is used with a different request" in answer.json()["Detail"]
    assert client.organisation.effects() == {"ACME-1": 1}


def test_a_key_is_forgotten_after_six_minutes(client: Client, xero_clock: SetClock) -> None:
    """Then the same call creates again, unless the number forbids it: here Xero numbers itself."""
    order = purchase_order(client.organisation, "")
    del order["PurchaseOrderNumber"]

    client.put("PurchaseOrders", order, key="K1")
    xero_clock.advance(minutes=5, seconds=59)
    client.put("PurchaseOrders", order, key="K1")
    inside = len(client.organisation.purchase_orders)
    xero_clock.advance(seconds=1)
    client.put("PurchaseOrders", order, key="K1")

    assert (inside, len(client.organisation.purchase_orders)) == (1, 2)


def test_a_failure_is_replayed_although_nothing_fails_any_more(client: Client, fake_xero: FakeXero) -> None:
    """A 500 sticks to its key; a new key gets through."""
    document = invoice(client.organisation)
    fake_xero.faults.next("/Invoices", faults.status(500))

    first, second, other = (client.put("Invoices", document, key=key) for key in ("K1", "K1", "K2"))

    assert [first.status_code, second.status_code, other.status_code] == [500, 500, 200]
    assert client.organisation.effects() == {"ACME-1": 1}


def test_a_second_call_waits_for_the_first(client: Client, fake_xero: FakeXero) -> None:
    """Two workers with one key at the same time: one document, one answer."""
    document = invoice(client.organisation)
    with ThreadPoolExecutor(2) as pool:
        # Nobody gets to the books before both calls are under way.
        with client.organisation.lock:
            calls = [pool.submit(client.put, "Invoices", document, key="K1") for _ in range(2)]
            while fake_xero.peak_in_flight < 2:
                time.sleep(0.01)
        first, second = (call.result().json() for call in calls)

    assert first == second
    assert client.organisation.effects() == {"ACME-1": 1}


def test_replays_use_up_the_limits(client: Client) -> None:
    """Limits come before the keys."""
    answers = [client.put("Invoices", invoice(client.organisation), key="K1") for _ in range(2)]

    assert [answer.headers["X-MinLimit-Remaining"] for answer in answers] == ["59", "58"]


def test_a_call_over_the_limit_does_not_use_its_key(client: Client, fake_xero: FakeXero, xero_clock: SetClock) -> None:
    """A 429 wrote nothing and is not kept."""
    fake_xero.limits.use_up_day(client.organisation.tenant_id)

    refused = client.put("Invoices", invoice(client.organisation), key="K1")
    fake_xero.limits.use_up_day(client.organisation.tenant_id, remaining=1)
    accepted = client.put("Invoices", invoice(client.organisation), key="K1")

    assert [refused.status_code, accepted.status_code] == [429, 200]
