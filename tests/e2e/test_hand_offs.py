"""Hand-offs end to end: a message on RabbitMQ becomes one document at a partner's real endpoint, over HTTP and over SOAP."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.fleet import Fleet
from tests.e2e.test_file_drop_faults import work_until_delivered
from tests.e2e.test_file_drops import do_the_day, fleet_with
from tests.e2e.traffic import Traffic, make_traffic
from tests.services.http_partner import HttpPartner, Planned
from tests.services.soap_partner import PASSWORD, USERNAME, SoapPartner

# As the order management system sends it in full; the traffic's own orders are as short as they may be.
ADDRESS = {"shipping_address_1": "1 High Street", "shipping_city": "Leeds", "shipping_postcode": "LS1 1AA", "shipping_method": "USPSF"}
SOAP_MAP = {
    "reference": "order.ref",
    "currency": "totals.currency",
    "orderedOn": {"from": "order.creation_datetime", "functions": [{"date_format": "%Y-%m-%d"}]},
    "address.name": "order.customer_name",
    "address.city": "order.shipping_city",
    "address.country": "order.shipping_country_code",
    "line[].sku": "lines[].sku",
    "line[].quantity": {"from": "lines[].quantity", "functions": ["whole"]},
    "line[].price": "lines[].unit_price",
}


@pytest.fixture
def traffic() -> Traffic:
    made = make_traffic(messages=120, orders=40, broken=2, seed=11)
    return replace(made, bodies=[_with_address(body) for body in made.bodies])


def _with_address(body: bytes) -> bytes:
    try:
        order = json.loads(body)
    except ValueError:
        return body
    return json.dumps(order | ADDRESS).encode() if isinstance(order, dict) and "items" in order else body


@pytest.fixture
def http() -> Iterator[HttpPartner]:
    with HttpPartner() as partner:
        yield partner


@pytest.fixture
def soap() -> Iterator[SoapPartner]:
    with SoapPartner(log_in="text") as partner:
        yield partner


@pytest.fixture
def key(tmp_path: Path) -> str:
    """The secret in a file, as an integration declares it."""
    (tmp_path / "key").write_text("key-of-the-shop")
    return f"file:{tmp_path / 'key'}"


def net_digitizing(partner: HttpPartner, key: str, **settings: Any) -> dict[str, Any]:
    """Looks up what it cannot know, by our reference."""
    ours = {"url": partner.url(), "auth_prefix": "Bearer ", "remote_id_path": "data.id", "look_up_url": "/{ref}"}
    return {"kind": "net_digitizing", "settings": {**ours, **settings}, "secrets": {"auth_key": key}}


def promotional_office(partner: SoapPartner, folder: Path, **settings: Any) -> dict[str, Any]:
    """By the partner's own WSDL."""
    (folder / "password").write_text(PASSWORD)
    ours = {"wsdl": partner.wsdl, "operation": "SendOrder", "username": USERNAME, "field_map": SOAP_MAP, "remote_id_path": "transactionId"}
    return {"kind": "promotional_office", "settings": {**ours, **settings}, "secrets": {"password": f"file:{folder / 'password'}"}}


def deliveries(fleet: Fleet) -> list[dict[str, Any]]:
    """All of them."""
    return fleet.ask_all("deliveries", "list", key="deliveries")


def half_a_minute_later(database: str, fleet: Fleet) -> None:
    """The time before a look-up is past: the fleet works on."""
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE deliveries SET due_at = now() WHERE state = 'unknown'")
    for role in ("scheduler", "worker"):
        fleet.run(role, "--until-idle")


def posted(partner: HttpPartner) -> Counter[str]:
    """How often each order was sent."""
    return Counter(json.loads(request.body)["ref"] for request in partner.received if request.method == "POST")


def test_every_billable_order_is_handed_to_net_digitizing_once(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """With the key in the header, and the partner's own id kept."""
    with fleet_with(tmp_path, postgres_url, broker_url, net_digitizing(http, key)) as fleet:
        do_the_day(fleet, broker_url, traffic)

        assert set(http.documents) == traffic.eligible
        assert set(posted(http).values()) == {1}
        assert {request.headers["Authorization"] for request in http.received} == {"Bearer key-of-the-shop"}
        rows = deliveries(fleet)
        assert {(row["state"], row["subject"]) for row in rows} == {("delivered", "order")}
        assert all(row["remote_id"].startswith("remote-") for row in rows)
        assert fleet.ask("verify")["ok"]


def test_every_billable_order_reaches_mww_as_its_api_wants_it(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """The kind's own map and defaults; only the address leads elsewhere."""
    integration = {"kind": "mww", "settings": {"url": http.url("/api/orders")}, "secrets": {"auth_key": key}}
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        do_the_day(fleet, broker_url, traffic)

        assert set(http.documents) == traffic.eligible
        assert {request.headers["Authorization"] for request in http.received} == {"auth-key=key-of-the-shop"}
        document = json.loads(next(iter(http.documents.values())))
        assert document["data"]["type"] == "orders"
        assert {resource["type"] for resource in document["included"]} == {"shipping-address", "line-items"}
        assert {row["state"] for row in deliveries(fleet)} == {"delivered"}
        assert fleet.ask("verify")["ok"]


def test_every_billable_order_reaches_promotional_office_as_its_wsdl_wants_it(
    tmp_path: Path, postgres_url: str, broker_url: str, soap: SoapPartner, traffic: Traffic
) -> None:
    """Each envelope passed the partner's schema, and was logged in."""
    with fleet_with(tmp_path, postgres_url, broker_url, promotional_office(soap, tmp_path)) as fleet:
        do_the_day(fleet, broker_url, traffic)

        assert Counter(soap.orders) == Counter(traffic.eligible)
        rows = deliveries(fleet)
        assert {row["state"] for row in rows} == {"delivered"}
        assert all(row["remote_id"].isdecimal() for row in rows)
        assert fleet.ask("verify")["ok"]


def test_every_invoice_is_handed_over_where_invoices_are_asked_for(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """`document: invoice`."""
    with fleet_with(tmp_path, postgres_url, broker_url, net_digitizing(http, key, document="invoice")) as fleet:
        do_the_day(fleet, broker_url, traffic)

        invoices = fleet.ask_all("invoices", "list", key="invoices")
        sent = [json.loads(request.body) for request in http.received if request.method == "POST"]
        assert sorted(body["ref"] for body in sent) == sorted(invoice["display_number"] for invoice in invoices)
        assert sorted(body["total"] for body in sent) == sorted(invoice["total"] for invoice in invoices)
        assert fleet.ask("verify")["ok"]


def test_what_was_lost_on_the_way_is_looked_up_and_arrives_once(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """Two answers are lost: one document is there and is not sent again, the other is not and is."""
    http.next_answers(Planned(processed=True, drop=True), Planned(processed=False, drop=True))
    with fleet_with(tmp_path, postgres_url, broker_url, net_digitizing(http, key)) as fleet:
        do_the_day(fleet, broker_url, traffic)
        assert Counter(row["state"] for row in deliveries(fleet)) == {"unknown": 2, "delivered": len(traffic.eligible) - 2}

        half_a_minute_later(postgres_url, fleet)

        assert {row["state"] for row in deliveries(fleet)} == {"delivered"}
        assert set(http.documents) == traffic.eligible
        assert sorted(posted(http).values())[-2:] == [1, 2]
        assert sum(request.method == "GET" for request in http.received) == 2
        assert fleet.ask("verify")["ok"]


def test_what_is_sent_again_has_the_same_id_and_signature_until_a_person_resends_it(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """After a 503 and after a lost answer, so that a partner that drops repetitions keeps each document once."""
    http.next_answers(Planned(503, b"{}", processed=False), Planned(processed=True, drop=True))
    integration = net_digitizing(http, key, idempotency_header="Idempotency-Key", look_up_url=None)
    integration["secrets"]["hmac_key"] = key
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        do_the_day(fleet, broker_url, traffic)
        work_until_delivered(fleet, postgres_url)

        ids = {f"{row['id'].replace('_', '-')}-0" for row in deliveries(fleet)}
        assert set(http.documents) == ids
        assert len(ids) == len(traffic.eligible)
        sent = [(request.headers["Idempotency-Key"], request.headers["X-Signature"], request.body) for request in http.received]
        assert (len(sent), len(set(sent))) == (len(ids) + 2, len(ids))
        first = deliveries(fleet)[0]["id"]
        fleet.run("deliveries", "resend", first, "--reason", "they deleted it", "--yes")
        fleet.run("worker", "--until-idle")
        assert set(http.documents) - ids == {f"{first.replace('_', '-')}-1"}


def test_what_nobody_can_look_up_is_left_to_a_person(
    tmp_path: Path, postgres_url: str, broker_url: str, soap: SoapPartner, traffic: Traffic, mail_catcher: Any
) -> None:
    """SOAP has no way to ask: it is not sent again by itself, and errors_to is told; a person looks and says."""
    soap.faults.append("Server")
    integration = promotional_office(soap, tmp_path, errors_to="ops@acme.example")
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        do_the_day(fleet, broker_url, traffic)
        half_a_minute_later(postgres_url, fleet)

        (left,) = [row for row in deliveries(fleet) if row["state"] != "delivered"]
        assert left["state"] == "needs_human"
        assert "SendOrder" in left["next_step"]
        assert len(soap.orders) == len(traffic.eligible) - 1
        (alert,) = [mail for mail in mail_catcher.mails if "ops@acme.example" in mail.envelope_to]
        assert left["id"] in alert.message.get_body().get_content()
        fleet.run("deliveries", "retry", left["id"], "--reason", "it is not there", "--yes")
        fleet.run("worker", "--until-idle")
        assert Counter(soap.orders) == Counter(traffic.eligible)
        assert fleet.ask("verify")["ok"]


def test_a_document_that_the_partner_or_the_map_refuses_stops_no_other(
    tmp_path: Path, postgres_url: str, broker_url: str, http: HttpPartner, traffic: Traffic, key: str
) -> None:
    """What is wrong with it is told with the field and the next step, which works as it is pasted."""
    http.next_answers(Planned(422, b'{"errors":[{"title":"Unknown product","source":{"pointer":"/lines/0/sku"}}]}', processed=False))
    field_map = {"ref": "order.ref", "name": {"from": "order.customer_name", "table": {"John <b>Smith</b>": "J"}, "otherwise": "other"}}
    with fleet_with(tmp_path, postgres_url, broker_url, net_digitizing(http, key, field_map=field_map)) as fleet:
        do_the_day(fleet, broker_url, traffic)

        (refused,) = [row for row in deliveries(fleet) if row["state"] != "delivered"]
        assert refused["state"] == "needs_human"
        assert "Unknown product (/lines/0/sku)" in refused["last_error"]
        assert f"`billhook deliveries retry {refused['id']}`" in refused["next_step"]
        fleet.run("deliveries", "retry", refused["id"], "--reason", "they know it now", "--yes")
        fleet.run("worker", "--until-idle")
        assert set(http.documents) == traffic.eligible
