"""jortt end to end: messages on RabbitMQ become invoices and estimates in an organisation, once each, on a bad day with two workers."""

import json
import secrets
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import COMPANIES, Traffic, configuration, make_traffic
from tests.e2e.warm import warm_billhook
from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.fake import SCOPES, FakeJortt
from tests.fakes.jortt.fixtures import published_contract

DRAIN_S = 300
ADDRESS = {"line1": "Keizersgracht 1", "city": "Amsterdam", "postcode": "1015CC", "country": "NL"}
# Invoices of 701 to 704, orders of the other two; 702 and 704 are billed to the customer.
SETTINGS: dict[str, dict[str, str]] = {
    "701": {},
    "702": {},
    "703": {"status": "sent", "send_method": "self"},
    "704": {"status": "sent", "send_method": "email"},
    "705": {"document": "order"},
    "706": {"document": "estimate"},
}
PER_CUSTOMER = frozenset({"702", "704"})


def declared(secret: Path) -> dict[str, Any]:
    """All companies under one Dutch admin company and in one organisation."""
    world = configuration()
    world["admin_companies"] = [{**world["admin_companies"][0], "address": ADDRESS, "vat_number": "NL004495445B01"}]
    world["tax_rates"] = [{"country": "NL", "tax_code": "standard", "rate": "0.21"}]
    for company in world["companies"]:
        ref = company["ref"]
        settings = {"client_id": f"app-{ref}", **SETTINGS[ref]}
        integration = {"kind": "jortt", "settings": settings, "secrets": {"client_secret": f"file:{secret}"}}
        company |= {"admin_company": "acme-print", "address": ADDRESS, "currency": "EUR", "email": f"boeken{ref}@shop.example"}
        company |= {"integrations": [integration]}
        company["plan"] |= {"bill_to": "customer" if ref in PER_CUSTOMER else "company"}
    return world


def in_dutch(body: bytes, place: int) -> bytes:
    """The order of a customer in Amsterdam, whose address is written now so, now so."""
    try:
        order = json.loads(body)
    except ValueError:
        return body
    if not isinstance(order, dict) or "items" not in order:
        return body
    email = f"{abs(hash_of(order['customer_name']))}@example.com"
    name = order["customer_name"]
    order |= {
        "currency_code": "EUR",
        "customer_name": f" {name.upper()}" if place % 3 else name,
        "customer_email": email.upper() if place % 2 else email,
        "billing_address_1": "Prinsengracht 2",
        "billing_city": "Amsterdam",
        "billing_postcode": "1015 DK",
        "billing_country_code": "NL",
        "shipping_country_code": "NL",
        "shipping_tax_rate": "0.21",
    }
    return json.dumps(order).encode()


def hash_of(text: str) -> int:
    """The same in every process."""
    return sum(ord(character) for character in text)


@pytest.fixture
def traffic() -> Traffic:
    made = make_traffic(messages=110, orders=45, broken=2, seed=17)
    # The place of a body in the day is no part of its version: what is said twice is said in the same words.
    return replace(made, bodies=[in_dutch(body, hash_of(body.decode(errors="replace"))) for body in made.bodies])


def a_bad_day(jortt: FakeJortt) -> None:
    """Answers lost after and before the work was done, replaced by pages and failures, a conflict, a limit; and a search that lags."""
    jortt.index.visible_after_searches = 1
    jortt.sending.polls = 2
    for on in ("POST /v3/invoices", "POST /v3/customers", "POST /v3/estimates"):
        jortt.faults.create_then_drop(on)
        jortt.faults.drop_before_create(on)
    jortt.faults.html_502("POST /v3/invoices", processed=True)
    jortt.faults.status(500, "POST /v3/invoices", processed=True)
    jortt.faults.status(409, "POST /v3/invoices")
    jortt.faults.status(429, "GET /v3/customers")
    # With the stroke at the end these are calls to send.
    jortt.faults.create_then_drop("POST /v3/invoices/")
    jortt.faults.drop_before_create("POST /v3/invoices/")


def undelivered(database: str) -> dict[str, int]:
    """How many deliveries are in which state, the delivered ones left out; how many runs are not done.

    Waiting is cut short: the time to the next try, of a document and of a lane. The limit of calls is kept by its budget all the same.
    """
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE deliveries SET due_at = now() WHERE state IN ('unknown', 'waiting') AND due_at > now()")
        connection.execute("UPDATE lanes SET parked_until = NULL WHERE parked_until > now()")
        rows: dict[str, int] = dict(
            connection.execute("SELECT state, count(*) FROM deliveries WHERE state <> 'delivered' GROUP BY state").fetchall()
        )
        [(runs,)] = connection.execute("SELECT count(*) FROM runs WHERE finished_at IS NULL").fetchall()
    return rows | ({"runs": runs} if runs else {})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_document_is_in_jortt_once_on_a_bad_day_with_two_workers(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic
) -> None:
    """Drafts, sent and mailed invoices, orders as drafts and as estimates, a credit note; the limit of 10 a second is never reached."""
    secret = tmp_path / "client_secret"
    secret.write_text("app-secret")
    with FakeJortt(contract=published_contract()) as jortt:
        organisation = jortt.add_organisation()
        for company in COMPANIES:
            jortt.add_app(f"app-{company}", "app-secret", "", SCOPES, organisation)
        (tmp_path / "shops.yaml").write_text(yaml.safe_dump(declared(secret)), encoding="utf-8")
        settings = {
            "BILLHOOK_DATABASE_URL": postgres_url,
            "BILLHOOK_BROKER_URL": broker_url,
            "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
            "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
            "BILLHOOK_JORTT_API_URL": jortt.api_url,
            "BILLHOOK_JORTT_AUTH_URL": jortt.api_url,
            "BILLHOOK_LEASE_S": "10",
            "BILLHOOK_LOG_FORMAT": "json",
        }
        with warm_billhook() as command, fleet_in(tmp_path, settings, command) as fleet:
            fleet.run("migrate")
            fleet.run("apply", "-f", "shops.yaml", "--yes")
            for company in COMPANIES:
                fleet.run("connect", "jortt", "--company", company)
            a_bad_day(jortt)
            for role in ("worker", "worker", "scheduler"):
                fleet.start(role)
            fleet.run("intake", "--until-idle")
            publish(broker_url, traffic)
            fleet.run("intake", "--until-idle")

            wait_until(
                lambda: bool(organisation.invoices) and not undelivered(postgres_url),
                DRAIN_S,
                "all was delivered",
                lambda: f"{undelivered(postgres_url)}\n{fleet.logs()}",
            )

            assert fleet.ask("verify")["ok"]
            issued = check_the_books(fleet, organisation)
            credit_one(fleet, organisation, postgres_url, jortt, next(number for number, company in issued.items() if company == "703"))
            assert {0} == set(fleet.stop_all())
        assert jortt.faults.left == 0, "a planned fault never happened"
        assert jortt.violations == []
        assert jortt.limit.throttled == 0, "the limit was run into"


def check_the_books(fleet: Fleet, organisation: Organisation) -> dict[str, str]:
    """Each document is there once with our total and in its state, each customer once, and each mail was sent once.

    Returns whose each invoice is, by number.
    """
    orders = {row["ref"]: row for row in fleet.ask_all("orders", "list", key="orders") if row["decision"] == "invoiced"}
    issued = {row["display_number"]: row for row in fleet.ask_all("invoices", "list", key="invoices")}
    of_invoices = {number for number, row in issued.items() if "document" not in SETTINGS[row["company"]]}
    as_drafts = {ref for ref, row in orders.items() if row["company"] == "705"}
    as_estimates = {ref for ref, row in orders.items() if row["company"] == "706"}
    there = [record.fields for record in organisation.invoices.values()]
    assert Counter(each["reference"] for each in there) == dict.fromkeys(of_invoices | as_drafts, 1)
    assert Counter(each.fields["reference"] for each in organisation.estimates.values()) == dict.fromkeys(as_estimates, 1)
    totals = {each["reference"]: each["invoice_total_incl_vat"]["amount"] for each in there}
    assert {number: totals[number] for number in of_invoices} == {number: issued[number]["total"] for number in of_invoices}
    sent = {number for number in of_invoices if "status" in SETTINGS[issued[number]["company"]]}
    assert {each["reference"] for each in there if each["invoice_status"] == "sent"} == sent
    mailed = {each["id"] for each in there if each["reference"] in sent and issued[each["reference"]]["company"] == "704"}
    assert Counter(mail.document_id for mail in organisation.mails) == dict.fromkeys(mailed, 1)
    customers = [record.fields for record in organisation.customers.values()]
    assert set(Counter((each["customer_name"].strip().upper(), each["email"]) for each in customers).values()) == {1}
    return {number: str(row["company"]) for number, row in issued.items()}


def credit_one(fleet: Fleet, organisation: Organisation, database: str, jortt: FakeJortt, number: str) -> None:
    """A credit note of an invoice that is sent there; the answer of its creation is lost."""
    [invoice] = [each.fields for each in organisation.invoices.values() if each.fields["reference"] == number]
    jortt.faults.create_then_drop("POST /v3/invoices/")

    fleet.run("invoices", "credit", number, "--reason", "returned", "--yes")
    wait_until(lambda: bool(invoice["credit_invoice_ids"]) and not undelivered(database), DRAIN_S, "it was delivered", fleet.logs)

    [credit_id] = invoice["credit_invoice_ids"]
    note = organisation.invoices[credit_id].fields
    assert note["invoice_status"] == "sent"
    assert note["invoice_total_incl_vat"]["amount"] == f"-{invoice['invoice_total_incl_vat']['amount']}"
    assert note["reference"] not in {"", None, number}
