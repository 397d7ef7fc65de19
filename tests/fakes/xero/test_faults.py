"""What can be made to go wrong, and what it leaves behind."""

import threading
import time

import pytest
import requests

from tests.fakes.xero import FakeXero, Fault, faults
from tests.fakes.xero.client import Client, client_of
from tests.fakes.xero.samples import invoice


def test_an_answer_is_lost_after_the_document_was_created(client: Client, fake_xero: FakeXero) -> None:
    """The connection is reset; the document is there, and the key still knows its answer."""
    document = invoice(client.organisation)
    fake_xero.faults.next("/Invoices", faults.create_then_drop(), method="PUT")

    with pytest.raises(requests.ConnectionError):
        client.put("Invoices", document, key="K1")
    replayed = client.put("Invoices", document, key="K1")

    assert replayed.status_code == 200
    assert client.organisation.effects() == {"ACME-1": 1}


def test_a_connection_is_lost_before_anything_was_done(client: Client, fake_xero: FakeXero) -> None:
    """To the client it looks the same."""
    fake_xero.faults.next("/Invoices", faults.drop_before_create())

    with pytest.raises(requests.ConnectionError):
        client.put("Invoices", invoice(client.organisation))

    assert client.organisation.effects() == {}
    assert fake_xero.calls.total == 1


@pytest.mark.parametrize(
    ("fault", "status", "created"),
    [
        (faults.html_502(), 502, {}),
        (faults.html_502(committed=True), 502, {"ACME-1": 1}),
        (faults.offline_503(), 503, {}),
        (faults.status(500), 500, {}),
        (faults.status(500, committed=True), 500, {"ACME-1": 1}),
        (faults.throttle(), 429, {}),
    ],
)
def test_a_failing_answer_says_nothing_about_what_was_done(
    client: Client, fake_xero: FakeXero, fault: Fault, status: int, created: dict[str, int]
) -> None:
    """Only look-ups tell."""
    fake_xero.faults.next("/Invoices", fault)

    answer = client.put("Invoices", invoice(client.organisation))

    assert answer.status_code == status
    assert "json" not in answer.headers["Content-Type"]
    assert client.organisation.effects() == created
    assert fake_xero.faults.pending == 0


def test_what_was_created_may_not_be_found_at_once(client: Client, fake_xero: FakeXero) -> None:
    """The next two lists miss it; its number is taken all the same."""
    fake_xero.faults.next("/Invoices", faults.delayed_visibility(2), method="PUT")
    client.created("Invoices", invoice(client.organisation))

    found = [len(client.get("/Invoices", InvoiceNumbers="ACME-1").json()["Invoices"]) for _ in range(3)]

    assert found == [0, 0, 1]
    assert client.put("Invoices", invoice(client.organisation)).status_code == 400


def test_a_slow_answer_comes_after_the_document_was_created(client: Client, fake_xero: FakeXero) -> None:
    """A client that gave up waiting has created it."""
    fake_xero.faults.next("/Invoices", faults.slow(0.3))

    begun = time.monotonic()
    client.created("Invoices", invoice(client.organisation))

    assert time.monotonic() - begun >= 0.3


def test_a_held_answer_does_not_hold_up_the_end(client: Client) -> None:
    """Leaving the fake lets it go."""
    with FakeXero() as xero:
        other = client_of(xero)
        xero.faults.next("/Currencies", faults.held(threading.Event()))
        waiting = threading.Thread(target=lambda: other.get("/Currencies"))
        waiting.start()
        while xero.peak_in_flight == 0:
            time.sleep(0.01)
    waiting.join(10)

    assert not waiting.is_alive()


def test_a_fault_can_be_for_one_document_one_method_and_several_calls(client: Client, fake_xero: FakeXero) -> None:
    """Others pass."""
    fake_xero.faults.when_body_has("ACME-2", "/Inv*", faults.status(500), method="PUT", times=2)

    numbers = ["ACME-1", "ACME-2", "ACME-2", "ACME-2"]
    statuses = [client.put("Invoices", invoice(client.organisation, number)).status_code for number in numbers]

    assert statuses == [200, 500, 500, 200]


def test_the_token_endpoint_can_fail_too(client: Client, fake_xero: FakeXero) -> None:
    """The answer to a refresh is lost; the old token still works, for a while."""
    app = fake_xero.add_app()
    tokens = fake_xero.connect(app, client.organisation)
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    url, login = f"{fake_xero.identity_url}/connect/token", (app.client_id, app.client_secret)
    fake_xero.faults.next("/connect/token", faults.create_then_drop())

    with pytest.raises(requests.ConnectionError):
        requests.post(url, data=form, auth=login, timeout=20)
    again = requests.post(url, data=form, auth=login, timeout=20)

    assert again.status_code == 200
    assert fake_xero.identity.refreshes == 2


def test_a_mistake_of_the_fake_is_told() -> None:
    """It must not look like a fault of the network."""
    with FakeXero() as broken:
        client = client_of(broken)
        client.organisation.tables.clear()

        answer = client.get("/Contacts")

    assert answer.status_code == 599
    assert "KeyError" in broken.contract_violations[0]
