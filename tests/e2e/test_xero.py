"""Xero end to end: messages on RabbitMQ become authorised invoices in an organisation, once each, on a bad day with two workers."""

import secrets
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import yaml

from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import Traffic, configuration, make_traffic
from tests.fakes.xero import App, FakeXero, Fault, Organisation, faults
from tests.fakes.xero.fixtures import xero_contract

CONTACT = "Retail Customers"
# The last one combines its orders.
COMPANIES = ("701", "702", "704", "705")
TRACKED = frozenset({"702", "704"})
DRAIN_S = 300


def integration(app: App, company: str, secret: Path) -> dict[str, Any]:
    """Tracked for two companies, untracked for the others."""
    settings: dict[str, Any] = {"client_id": app.client_id, "redirect_uri": app.redirect_uri, "contact_name": CONTACT, "day_limit": 5000}
    if company in TRACKED:
        accounts = {"cogs_account": "310", "inventory_asset_account": "630"}
        settings |= {"process_method": "tracked", "allow_backorders": True, **accounts}
    return {"kind": "xero", "settings": settings, "secrets": {"client_secret": f"file:{secret}"}}


def declared(app: App, secret: Path) -> dict[str, Any]:
    """Four companies under one admin company: in one organisation a number is there once."""
    world = configuration()
    world["admin_companies"] = world["admin_companies"][:1]
    world["companies"] = [company for company in world["companies"] if company["ref"] in COMPANIES]
    for company in world["companies"]:
        company |= {"admin_company": "acme-print", "integrations": [integration(app, company["ref"], secret)]}
    return world


def connect(fleet: Fleet, company: str) -> None:
    """As a person does without a browser on this machine."""
    begun = fleet.ask("connect", "xero", "--company", company, "--begin")
    sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
    fleet.run("connect", "xero", "--company", company, "--finish", sent_back)


def a_bad_day(xero: FakeXero) -> None:
    """Answers lost after and before the work was done, seen late, replaced by pages, replaced by failures, and a limit."""
    xero.faults.next("/Invoices", faults.create_then_drop(), "PUT")
    xero.faults.next("/Invoices", faults.drop_before_create(), "PUT")
    xero.faults.next("/Invoices", Fault(dropped=True, hidden_for=1), "PUT")
    xero.faults.next("/Invoices", faults.html_502(committed=True), "PUT")
    xero.faults.next("/Invoices", faults.status(500), "PUT")
    xero.faults.next("/PurchaseOrders", faults.create_then_drop(), "PUT")
    xero.faults.next("/Items", faults.create_then_drop(), "PUT")
    xero.faults.next("/Accounts", faults.throttle("minute", 2), "GET")


def undelivered(database: str) -> dict[str, int]:
    """How many deliveries are in which state, the delivered ones left out; and how many runs are not done."""
    with psycopg.connect(database) as connection:
        rows = dict(connection.execute("SELECT state, count(*) FROM deliveries WHERE state <> 'delivered' GROUP BY state").fetchall())
        [(runs,)] = connection.execute("SELECT count(*) FROM runs WHERE finished_at IS NULL").fetchall()
    return rows | ({"runs": runs} if runs else {})


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=150, orders=60, broken=2, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_invoice_is_authorised_at_xero_once_on_a_bad_day_with_two_workers(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic
) -> None:
    """Tracked and untracked; the effects are counted by Xero, exactly one for each document."""
    secret = tmp_path / "client_secret"
    secret.write_text("app-secret")
    with FakeXero(contract=xero_contract()) as xero:
        organisation = xero.add_organisation()
        organisation.add_contact(CONTACT)
        xero.will_consent(organisation)
        (tmp_path / "shops.yaml").write_text(yaml.safe_dump(declared(xero.add_app(), secret)), encoding="utf-8")
        settings = {
            "BILLHOOK_DATABASE_URL": postgres_url,
            "BILLHOOK_BROKER_URL": broker_url,
            "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
            "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
            "BILLHOOK_XERO_API_URL": xero.origin,
            "BILLHOOK_XERO_LOGIN_URL": xero.origin,
            "BILLHOOK_XERO_IDENTITY_URL": xero.identity_url,
            "BILLHOOK_LEASE_S": "10",
            "BILLHOOK_LOG_FORMAT": "json",
        }
        with fleet_in(tmp_path, settings) as fleet:
            fleet.run("migrate")
            fleet.run("apply", "-f", "shops.yaml", "--yes")
            for company in COMPANIES:
                connect(fleet, company)
            fleet.run("intake", "--until-idle")
            publish(broker_url, traffic)
            fleet.run("intake", "--until-idle")
            a_bad_day(xero)

            for role in ("worker", "worker", "scheduler"):
                fleet.start(role)
            wait_until(lambda: len(organisation.invoices) > 0 and not undelivered(postgres_url), DRAIN_S, "all was delivered", fleet.logs)

            assert fleet.ask("verify")["ok"]
            check_the_books(fleet, organisation)
            wait_until(lambda: books_agree(fleet), DRAIN_S, "reconcile found both books to agree", fleet.logs)
            assert {0} == set(fleet.stop_all())
        assert xero.faults.pending == 0, "a planned fault never happened"
        assert xero.contract_violations == []
        assert xero.limits.refused == {}, "a limit of Xero's was run into"
        assert xero.peak_in_flight <= 5


def books_agree(fleet: Fleet) -> bool:
    """Whether `reconcile` finds nothing, for one untracked and one tracked lane; not yet where the minute's calls are used up."""
    try:
        fleet.run("reconcile", "701/xero", "702/xero")
    except AssertionError as not_yet:
        print(not_yet)
        return False
    return True


def check_the_books(fleet: Fleet, organisation: Organisation) -> None:
    """Each issued invoice is there once, approved, with our total; and each tracked one's purchase order."""
    issued = {row["display_number"]: row for row in fleet.ask_all("invoices", "list", key="invoices")}
    assert organisation.effects(["Invoices"]) == dict.fromkeys(issued, 1)
    assert organisation.overwritten(["Invoices"]) == {}
    assert organisation.effects(["PurchaseOrders"]) == {number: 1 for number, row in issued.items() if row["company"] in TRACKED}
    assert {invoice["Status"] for invoice in organisation.invoices} == {"AUTHORISED"}
    assert {invoice["InvoiceNumber"]: str(invoice["Total"]) for invoice in organisation.invoices} == {
        number: row["total"] for number, row in issued.items()
    }
    deliveries = fleet.ask_all("deliveries", "list", key="deliveries")
    assert {row["remote_id"] for row in deliveries} == {invoice["InvoiceID"] for invoice in organisation.invoices}
