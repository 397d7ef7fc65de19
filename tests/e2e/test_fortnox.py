"""Fortnox end to end: messages on RabbitMQ become invoices and orders in a company, once each, on a bad day with four workers."""

import secrets
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish
from tests.e2e.test_xero import undelivered
from tests.e2e.traffic import COMPANIES, Traffic, configuration, make_traffic
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.company import Company
from tests.fakes.fortnox.fixtures import fake_fortnox

__all__ = ["fake_fortnox"]

REDIRECT = "http://localhost:8765/callback"
# Two companies have their orders there, and one of each kind has all of them mailed.
ORDERS, MAILED = frozenset({"704", "706"}), frozenset({"701", "706"})
DRAIN_S = 600
INVOICES, ORDER_PATH = "/3/invoices", "/3/orders"


def integration(company: str, secret: Path) -> dict[str, Any]:
    """Orders or invoices, as drafts or mailed."""
    settings = {
        "client_id": "billhook",
        "redirect_uri": REDIRECT,
        "document": "order" if company in ORDERS else "invoice",
        "status": "sent" if company in MAILED else "draft",
    }
    return {"kind": "fortnox", "settings": settings, "secrets": {"client_secret": f"file:{secret}"}}


def declared(secret: Path) -> dict[str, Any]:
    """Both admin companies: their numbers are the same, and their documents are in one Fortnox."""
    world = configuration()
    for company in world["companies"]:
        ref = company["ref"]
        company |= {"email": f"books@shop-{ref}.example", "integrations": [integration(ref, secret)]}
    return world


def connect(fleet: Fleet, company: str) -> None:
    """As a person does without a browser on this machine: consent once, then client credentials."""
    begun = fleet.ask("connect", "fortnox", "--company", company, "--begin")
    sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
    fleet.run("connect", "fortnox", "--company", company, "--finish", sent_back)


def a_bad_day(fortnox: FakeFortnox) -> None:
    """Answers lost after and before the work was done, seen late, replaced by pages and failures, and a limit."""
    faults = fortnox.faults
    faults.create_then_drop(INVOICES)
    faults.drop_before_create(INVOICES)
    faults.html_502(INVOICES, "POST", processed=True)
    faults.status(500, INVOICES, "POST")
    faults.status(429, INVOICES, "POST")
    faults.create_then_drop(ORDER_PATH)
    faults.drop_before_create(ORDER_PATH)
    faults.create_then_drop("/3/customers")
    faults.create_then_drop("/3/articles")
    faults.create_then_drop("/3/invoices/*/email", "GET")
    faults.drop_before_create("/3/orders/*/email", "GET")
    faults.status(401, "/3/customers", "GET")


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=150, orders=60, broken=2, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_document_is_in_fortnox_once_and_mailed_once_on_a_bad_day_with_four_workers(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic, fake_fortnox: FakeFortnox
) -> None:
    """Invoices and orders, drafts and mailed ones; the effects are counted by Fortnox, and its limit is never run into."""
    secret = tmp_path / "client_secret"
    secret.write_text("app-secret")
    company = fake_fortnox.add_company(currencies=("SEK", "GBP"), vat_rates=(25, 20, 12, 6, 0))
    fake_fortnox.add_app("billhook", "app-secret", REDIRECT)
    (tmp_path / "shops.yaml").write_text(yaml.safe_dump(declared(secret)), encoding="utf-8")
    settings = {
        "BILLHOOK_DATABASE_URL": postgres_url,
        "BILLHOOK_BROKER_URL": broker_url,
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
        "BILLHOOK_FORTNOX_API_URL": fake_fortnox.api_url,
        "BILLHOOK_FORTNOX_AUTH_URL": fake_fortnox.apps_url,
        "BILLHOOK_LEASE_S": "10",
        "BILLHOOK_LOG_FORMAT": "json",
    }
    with fleet_in(tmp_path, settings) as fleet:
        fleet.run("migrate")
        fleet.run("apply", "-f", "shops.yaml", "--yes")
        for ref in COMPANIES:
            connect(fleet, ref)
        fleet.run("intake", "--until-idle")
        publish(broker_url, traffic)
        fleet.run("intake", "--until-idle")
        a_bad_day(fake_fortnox)

        for role in ("worker", "worker", "worker", "worker", "scheduler"):
            fleet.start(role)
        wait_until(lambda: bool(company.invoices) and not undelivered(postgres_url), DRAIN_S, "all was delivered", fleet.logs)

        assert fleet.ask("verify")["ok"]
        check_the_company(fleet, company, traffic)
        check_the_mails(fake_fortnox, company)
        assert {0} == set(fleet.stop_all())
    assert fake_fortnox.faults.pending == [], "a planned fault never happened"
    assert fake_fortnox.refused_calls == 0, "a limit of Fortnox's was run into"
    assert len(company.customers) == len(COMPANIES)


def check_the_company(fleet: Fleet, company: Company, traffic: Traffic) -> None:
    """Each document that is owed is there once, under our references and with our total."""
    invoices = [row for row in fleet.ask_all("invoices", "list", key="invoices") if row["company"] not in ORDERS]
    expected = {(row["admin_company"], row["display_number"]): row["total"] for row in invoices}
    there = Counter(str(each["ExternalInvoiceReference2"]) for each in company.invoices.values())
    assert there == {f"billhook:invoice:{owner}:{number}": 1 for owner, number in expected}
    totals = {tuple(str(each["ExternalInvoiceReference2"]).split(":")[2:]): f"{each['Total']:.2f}" for each in company.invoices.values()}
    assert totals == expected
    orders = Counter(str(each["ExternalInvoiceReference1"]) for each in company.orders.values())
    assert set(orders.values()) == {1}
    assert set(orders) < traffic.eligible
    deliveries = fleet.ask_all("deliveries", "list", key="deliveries")
    assert Counter(row["subject"] for row in deliveries) == {"invoice": len(expected), "order": len(orders)}


def check_the_mails(fortnox: FakeFortnox, company: Company) -> None:
    """Each document of those who have them mailed was mailed once, and no other."""
    mailed = Counter((mail.resource, mail.number) for mail in fortnox.emails_sent)
    assert set(mailed.values()) == {1}
    books = {f"books@shop-{ref}.example" for ref in MAILED}
    assert {mail.to for mail in fortnox.emails_sent} == books
    sent = [("invoices", number) for number, each in company.invoices.items() if each["Sent"]]
    sent += [("orders", number) for number, each in company.orders.items() if each["Sent"]]
    assert sorted(sent) == sorted(mailed)
