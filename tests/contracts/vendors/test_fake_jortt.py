"""The fake jortt against jortt's published contract: it answers as published, and the check itself can see."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.jortt import customers, estimates, invoices
from tests.fakes.jortt.client import COMPANY, Client, line
from tests.fakes.jortt.contract import Contract
from tests.fakes.jortt.fake import SCOPES, FakeJortt
from tests.fakes.jortt.fixtures import jortt, jortt_clock, published_contract
from tests.fakes.jortt.http import Reply, Request, json_reply
from tests.fakes.jortt.oauth import Grant
from tests.fakes.jortt.routes import Route
from tests.services.specs import specs_folder

__all__ = ["jortt", "jortt_clock"]

_PUBLISHED = json.loads((specs_folder() / "jortt-swagger-2026-05-05.json").read_text(encoding="utf-8"))
_VERSIONS = ("/v3", "/v2", "/v1", "")


def routes() -> list[Route]:
    with FakeJortt() as server:
        return server._routes


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def contract() -> Contract:
    found = published_contract()
    assert found is not None
    return found


def request(method: str, path: str, body=None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    return Request(method, path, {}, {"content-type": "application/json"}, content)


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.name)
def test_every_call_of_the_fake_is_published_with_the_scope_it_asks_for(route) -> None:
    """Under /v3, or as the older twin that jortt is moving there."""
    path = re.sub(r"\{\w+\}", "{}", route.template.removeprefix("/v3"))
    twins = {re.sub(r"\{\w+\}", "{}", each): calls for each, calls in _PUBLISHED["paths"].items()}
    published = [twins[prefix + path] for prefix in _VERSIONS if prefix + path in twins and route.method.lower() in twins[prefix + path]]

    scopes = {scope for calls in published for need in calls[route.method.lower()].get("security", []) for scope in need["OAuth2"]}

    assert scopes == {route.scope}


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        ("CreateCustomer", set(customers.WRITABLE)),
        ("UpdateCustomer", set(customers.WRITABLE)),
        ("CreateInvoiceV3", set(invoices.WRITABLE)),
        ("SendInvoice", set(invoices.SEND_FIELDS)),
        ("CreateEstimateV2", set(estimates.WRITABLE)),
        ("SendEstimateV2", set(estimates.SEND_FIELDS)),
    ],
)
def test_the_fields_the_fake_knows_are_the_published_ones(definition, fields) -> None:
    assert fields == set(_PUBLISHED["definitions"][definition]["properties"])


def test_a_whole_life_of_an_invoice_and_an_estimate_keeps_the_contract(jortt, session) -> None:
    """Every call once; the fixture fails this test for any breach."""
    organisation = jortt.add_organisation(peppol=True)
    client = Client.of_owner(jortt, organisation, session)
    customer_id = client.create("/customers", {**COMPANY, "email": "a@example.com", "cc_emails": ["b@example.com"]})
    body = {"customer_id": customer_id, "line_items": [line()], "discounts": [{"percentage": 5, "description": "x"}]}
    invoice_id = client.create("/invoices", {**body, "send_method": "email"})
    draft_id, estimate_id = client.create("/invoices", body), client.create("/estimates", {**body, "send_method": "self"})
    client.read(f"/invoices/{invoice_id}")
    credit_id = client.create(f"/invoices/{invoice_id}/credit", {})
    calls = [
        ("GET", f"/customers/{customer_id}", None),
        ("PUT", f"/customers/{customer_id}", COMPANY),
        ("PUT", f"/customers/{customer_id}/set_archived", {"archived": False}),
        ("GET", f"/customers/{customer_id}/vat-percentages", None),
        ("GET", "/customers", None),
        ("GET", f"/invoices/{invoice_id}", None),
        ("PUT", f"/invoices/{draft_id}", {"remarks": "x"}),
        ("DELETE", f"/invoices/{draft_id}", None),
        ("GET", f"/invoices/{credit_id}/send_settings", None),
        ("POST", f"/invoices/{credit_id}/send", {"send_method": "self"}),
        ("GET", "/invoices", None),
        ("GET", f"/estimates/{estimate_id}", None),
        ("PUT", f"/estimates/{estimate_id}", {"remarks": "x"}),
        ("POST", f"/estimates/{estimate_id}/send", {"send_method": "self"}),
        ("GET", "/estimates", None),
        ("GET", "/ledger_accounts/invoices", None),
        ("GET", "/organizations/me", None),
        ("GET", "/tradenames", None),
        ("GET", "/labels", None),
        ("POST", "/labels", {"description": "x"}),
        ("DELETE", f"/customers/{customer_id}", None),
    ]

    answers = [client.call(method, path, document) for method, path, document in calls]

    assert [answer.status_code for answer in answers if answer.status_code >= 300] == []
    assert set(jortt.calls) == {route.name for route in routes()}


@pytest.mark.parametrize(
    ("method", "path", "body", "reply", "named"),
    [
        ("POST", "/v3/customers", {**COMPANY, "referense": "x"}, json_reply(201, {"data": {"id": "x"}}), "referense"),
        ("POST", "/v3/customers", {**COMPANY, "payment_term": "30"}, json_reply(201, {"data": {"id": "x"}}), "payment_term"),
        ("POST", "/v3/invoices", {"line_items": [line(colour="red")]}, json_reply(201, {"data": {"id": "x"}}), "colour"),
        ("POST", "/v3/invoices", {"line_items": [line(rate="21.0")]}, json_reply(201, {"data": {"id": "x"}}), "vat.value"),
        ("POST", "/v3/customers", COMPANY, json_reply(201, {"id": "x"}), "'data' is a required property"),
        ("GET", "/v3/labels", None, json_reply(200, {"data": [{"id": "x"}]}), "description"),
        ("GET", "/v3/labels", None, json_reply(418, {}), "418"),
        (
            "GET",
            "/v3/labels",
            None,
            json_reply(401, {"error": {"code": 401, "key": "no.such.key", "message": "", "details": []}}),
            "no.such.key",
        ),
        ("GET", "/v3/orders", None, json_reply(200, {}), "not in the contract"),
        ("PUT", "/v3/customers/x", COMPANY, Reply(204, b"{}"), "none is declared"),
    ],
)
def test_the_check_sees_a_breach_of_either_side(contract, method, path, body, reply, named) -> None:
    """A check that sees nothing would make every other test here pass."""
    found = list(contract.violations(request(method, path, body), reply))

    assert found
    assert any(named in text for text in found)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["0.21", "1e5", "2026-02-30"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["amount", "currency", "value", "category"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_body_makes_the_fake_fail_or_accept_what_the_contract_forbids(data) -> None:
    """A right body with one or two values replaced by anything."""
    with FakeJortt(contract=published_contract()) as server:
        organisation = server.add_organisation()
        server.log_ins.access["t"] = Grant(server.add_app("a", "s", ""), organisation, SCOPES, datetime.max.replace(tzinfo=UTC))
        bodies = {
            "/v3/customers": {**COMPANY, "shift_vat": False, "payment_term": 14, "cc_emails": ["a@example.com"]},
            "/v3/invoices": {"customer_id": server.add_customer(organisation), "discounts": [{"percentage": 5}], "line_items": [line()]},
        }
        path = data.draw(st.sampled_from(sorted(bodies)))
        body = bodies[path]
        for _ in range(data.draw(st.integers(1, 2))):
            replace_one(data, body)

        content, headers = json.dumps(body).encode(), {"content-type": "application/json", "authorization": "Bearer t"}
        reply = server._answer(Request("POST", path, {}, headers, content))

    assert reply.status in {201, 422}
    # A null for a text is taken as if it were left out, as jortt's framework takes it; the contract says nothing about nulls.
    assert [text for text in server.violations if "None is not of type" not in text] == []


def replace_one(data, body) -> None:
    """Put anything in the place of one value, however deep it is."""
    inner = body
    while True:
        keys = list(range(len(inner))) if isinstance(inner, list) else list(inner)
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(inner[key], dict | list) and data.draw(st.booleans()):
            inner = inner[key]
            continue
        inner[key] = data.draw(JSON)
        return


def test_what_the_fake_refuses_is_no_breach(contract) -> None:
    """The client was told."""
    refusal = {"error": {"code": 422, "key": "params.invalid", "message": "", "details": [{"key": "is_missing", "message": "is missing"}]}}

    assert list(contract.violations(request("POST", "/v3/customers", {"x": 1}), json_reply(422, refusal))) == []
