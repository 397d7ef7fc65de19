"""The edges: limits, faults, odd requests, and what the fake counts."""

import threading
import time

import pytest
import requests

from tests.fakes.jortt.client import COMPANY, complaints, key_of, line
from tests.fakes.jortt.errors import KEY_OF_STATUS
from tests.fakes.jortt.fake import FakeJortt


def test_the_eleventh_request_in_a_second_is_throttled(jortt, client) -> None:
    """There is no Retry-After, and the next second is free again."""
    seconds = 100.0
    jortt.limit.per_second, jortt.limit.seconds = 10, lambda: seconds

    answers = [client.call("GET", "/customers") for _ in range(11)]
    seconds += 1

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert key_of(answers[-1]) == (429, "request.throttled")
    assert "Retry-After" not in answers[-1].headers
    assert client.call("GET", "/customers").status_code == 200
    assert jortt.limit.throttled == 1


def test_an_answer_may_be_lost_after_the_work_is_done(jortt, client, organisation) -> None:
    jortt.faults.create_then_drop(on="POST /v3/customers")

    with pytest.raises(requests.ConnectionError):
        client.call("POST", "/customers", COMPANY)

    assert len(organisation.customers) == 1
    assert jortt.faults.left == 0


def test_a_connection_may_be_lost_before_the_work_is_done(jortt, client, organisation) -> None:
    jortt.faults.drop_before_create()

    with pytest.raises(requests.ConnectionError):
        client.call("POST", "/customers", COMPANY)

    assert organisation.customers == {}
    assert len(jortt.requests) == 2
    assert client.call("POST", "/customers", COMPANY).status_code == 201


@pytest.mark.parametrize("processed", [False, True])
def test_a_proxy_may_answer_with_a_page(jortt, client, organisation, processed) -> None:
    jortt.faults.html_502(on="POST /v3/customers", processed=processed)

    answer = client.call("POST", "/customers", COMPANY)

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert len(organisation.customers) == int(processed)


@pytest.mark.parametrize(("status", "key"), list(KEY_OF_STATUS.items()))
def test_any_error_of_jortts_can_be_asked_for(jortt, client, status, key) -> None:
    jortt.faults.status(status, on="GET /v3/invoices")

    assert key_of(client.call("GET", "/invoices")) == (status, key)
    assert client.call("GET", "/invoices").status_code == 200


def test_a_slow_answer_comes_when_the_work_is_long_done(jortt, client, organisation) -> None:
    """Slow is until the server closes, at the latest."""
    jortt.faults.slow(3600, on="POST /v3/customers")
    waiting = threading.Thread(target=lost, args=(client,))
    waiting.start()

    give_up_at = time.monotonic() + 20
    while not organisation.customers and time.monotonic() < give_up_at:
        time.sleep(0.005)

    assert len(organisation.customers) == 1
    assert waiting.is_alive()
    jortt._closing.set()
    waiting.join()


def lost(client) -> None:
    """A call whose answer nobody needs."""
    client.call("POST", "/customers", COMPANY)


def test_faults_wait_for_the_request_they_are_meant_for(jortt, client) -> None:
    jortt.faults.status(503, on="PUT ", times=2)

    assert client.call("GET", "/customers").status_code == 200
    assert [client.call("PUT", "/customers/42", {}).status_code for _ in range(3)] == [503, 503, 422]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("GET", "/orders", (404, "endpoint.not_found")), ("PATCH", "/invoices", (405, "resource.method_not_allowed"))],
)
def test_a_call_that_does_not_exist_is_refused(client, method, path, expected) -> None:
    assert key_of(client.call(method, path)) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "key"),
    [
        (b"{", "application/json", "params.invalid_format"),
        (b"[]", "application/json", "params.invalid_format"),
        (b"{}", "text/plain", "params.invalid_format"),
        (b'{"customer_name":"Zo\xeb"}', "application/json", "params.invalid_encoding"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(jortt, client, body, content_type, key) -> None:
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": content_type}

    answer = client.session.post(f"{jortt.api_url}/v3/customers", data=body, headers=headers, timeout=20)

    assert key_of(answer) == (422, key)


def test_a_misspelt_field_is_ignored_and_noted(jortt_clock, session) -> None:
    """As jortt ignores it, only the note can tell."""
    with FakeJortt(jortt_clock.now) as jortt:
        organisation = jortt.add_organisation()
        jortt.add_app("own", "s", "", organisation=organisation)
        token = session.post(
            f"{jortt.auth_url}/token",
            data={"grant_type": "client_credentials", "scope": "customers:write"},
            auth=("own", "s"),
            timeout=20,
        ).json()["access_token"]
        body = {**COMPANY, "referense": "777"}

        answer = session.post(f"{jortt.api_url}/v3/customers", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20)

    assert answer.status_code == 201
    assert jortt.violations == ["POST /v3/customers was sent the unknown field referense"]


def test_requests_and_calls_are_counted(jortt, client) -> None:
    customer_id = client.create("/customers", COMPANY)
    client.read(f"/customers/{customer_id}")
    client.read(f"/customers/{customer_id}")

    assert jortt.calls == {"POST /v3/customers": 1, "GET /v3/customers/{customer_id}": 2}
    assert len(jortt.requests) == 4


def test_registers_are_there_to_choose_from(jortt, client, organisation) -> None:
    label_id = client.create("/labels", {"description": "Web shop"})
    tradename = dict.fromkeys(
        """company_name company_name_line_2 address_street address_city address_postal_code address_country_code phonenumber
        bank_account_in_the_name_of iban bic finance_email""".split(),
        "x",
    )
    organisation.tradenames.append({"id": "00000000-0000-0000-0000-000000000001", **tradename})
    customer_id = jortt.add_customer(organisation)
    body = {"customer_id": customer_id, "label_ids": [label_id], "tradename_id": organisation.tradenames[0]["id"], "line_items": [line()]}

    assert client.read("/organizations/me")["company_name"] == organisation.name
    assert client.call("GET", "/labels").json()["data"] == [{"id": label_id, "description": "Web shop", "category": "user_label"}]
    assert client.call("GET", "/tradenames").json()["data"] == organisation.tradenames
    assert client.create("/invoices", body)
    assert complaints(client.call("POST", "/labels", {})) == {("is_missing", "description")}


def test_requests_at_the_same_time_do_not_disturb_each_other(jortt, client, organisation) -> None:
    """The fake has one lock; each of forty customers gets its own record."""

    def create(number: int) -> None:
        requests.post(
            f"{jortt.api_url}/v3/customers",
            json={**COMPANY, "customer_name": f"Customer {number}"},
            headers={"Authorization": f"Bearer {client.token}"},
            timeout=20,
        )

    threads = [threading.Thread(target=create, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({record.fields["customer_name"] for record in organisation.customers.values()}) == 40
