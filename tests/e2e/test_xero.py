"""Xero end to end: messages on RabbitMQ become authorised invoices in two organisations, once each, on a bad day with two workers."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import yaml

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.ports.connections import Connection, ConnectionState, Tokens
from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish, recorded
from tests.e2e.traffic import Traffic, configuration, make_traffic
from tests.fakes.xero import App, FakeXero, Fault, Organisation, faults
from tests.fakes.xero.fixtures import xero_contract

# The last one combines its orders.
COMPANIES = ("701", "702", "704", "705")
# Who is tracked in the first organisation, called home, and in the second.
TRACKED = {"home": frozenset({"702", "704"}), "away": frozenset({"704"})}
FIRST = "701/xero/home"
# No other lane sells on this account, so a plan can name the calls of this one.
APART = {"company": "704", "name": "away", "sales_account": "260"}
CLIENT_SECRET = "an-app-secret-that-nobody-may-see"
DRAIN_S = 300


@dataclass
class Day:
    """A fleet, the organisations it bills to by the names of the integrations, and all that it said in JSON."""

    fleet: Fleet
    xero: FakeXero
    organisations: dict[str, Organisation]
    database: str
    heard: list[str] = field(default_factory=list)

    def ask(self, *arguments: str, expect: int = 0) -> Any:
        """The JSON answer of a command."""
        self.heard.append(self.fleet.run(*arguments, "--json", expect=expect))
        return json.loads(self.heard[-1])

    def connect(self, company: str, name: str) -> None:
        """As a person does without a browser on this machine, who then says which organisation."""
        who = ("connect", "xero", "--company", company, "--name", name)
        begun = self.ask(*who, "--begin")
        sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
        self.ask(*who, "--finish", sent_back, "--organisation", self.organisations[name].tenant_id)

    def delivered_to(self, path: str) -> str:
        """The first delivery of an integration."""
        with psycopg.connect(self.database) as connection:
            [(id_,)] = connection.execute("SELECT min(id) FROM deliveries WHERE integration = %s", (path,)).fetchall()
        return f"dlv_{id_}"

    def edit(self, number: str, **changes: Any) -> None:
        """Somebody changes an invoice in the books of home."""
        invoices = self.organisations["home"].tables["Invoices"]
        [invoice] = [each for each in invoices.rows() if each["InvoiceNumber"] == number]
        invoices.save({**invoice, **changes})


def contact_name(company: str) -> str:
    """Each company is a contact of its own."""
    return f"Customers of {company}"


def integration(app: App, company: str, name: str, secret: Path) -> dict[str, Any]:
    """Into one organisation, tracked for some."""
    settings: dict[str, Any] = {"client_id": app.client_id, "redirect_uri": app.redirect_uri, "contact_name": contact_name(company)}
    settings["day_limit"] = 5000
    if company in TRACKED[name]:
        accounts = {"cogs_account": "310", "inventory_asset_account": "630"}
        settings |= {"process_method": "tracked", "allow_backorders": True, **accounts}
    if (company, name) == (APART["company"], APART["name"]):
        settings["sales_account"] = APART["sales_account"]
    if f"{company}/xero/{name}" == FIRST:
        settings["errors_to"] = "ops@acme.example"
    return {"kind": "xero", "name": name, "settings": settings, "secrets": {"client_secret": f"file:{secret}"}}


def declared(app: App, secret: Path) -> dict[str, Any]:
    """Four companies under one admin company: in one organisation a number is there once."""
    world = configuration()
    world["admin_companies"] = world["admin_companies"][:1]
    world["companies"] = [company for company in world["companies"] if company["ref"] in COMPANIES]
    for company in world["companies"]:
        both = [integration(app, company["ref"], name, secret) for name in ("home", "away")]
        company |= {"admin_company": "acme-print", "integrations": both}
    return world


def keep_tokens(day: Day, app: App, key: str) -> None:
    """The other lanes are connected as after a consent: how a person does that was seen by now."""
    engine = make_engine(day.database)
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(key))
    now = datetime.now(UTC)
    with units_of_work() as uow:
        for company in COMPANIES:
            for name, organisation in day.organisations.items():
                if uow.connections.find(f"{company}/xero/{name}") is None:
                    uow.connections.save(_consented(day, app, f"{company}/xero/{name}", organisation, now), now)
        uow.commit()
    engine.dispose()


def _consented(day: Day, app: App, path: str, organisation: Organisation, now: datetime) -> Connection:
    given = day.xero.connect(app, organisation)
    tokens = Tokens(given.access_token, now + timedelta(seconds=given.expires_in_s), given.refresh_token or "")
    known = {"client_id": app.client_id, "organisation_id": organisation.tenant_id, "organisation_name": organisation.name}
    return Connection(path, ConnectionState.OK, **known, tokens=tokens, refreshed_at=now, connected_at=now)


def a_bad_day(day: Day) -> None:
    """Answers lost after and before the work was done, seen late, replaced by pages, replaced by failures, and a limit.

    Each fault meets another lane, so that their looks after half a minute come at the same time.
    """
    plan = day.xero.faults
    contacts = {(name, each["Name"]): each["ContactID"] for name, there in day.organisations.items() for each in there.contacts}

    def meets(company: str, name: str, path: str, fault: Fault) -> None:
        plan.when_body_has(contacts[name, contact_name(company)], path, fault, "PUT")

    meets("701", "home", "/Invoices", faults.create_then_drop())
    meets("705", "home", "/Invoices", faults.drop_before_create())
    meets("701", "away", "/Invoices", Fault(dropped=True, hidden_for=1))
    meets("702", "away", "/Invoices", faults.html_502(committed=True))
    meets("705", "away", "/Invoices", faults.status(500))
    meets("702", "home", "/PurchaseOrders", faults.create_then_drop())
    plan.when_body_has(f'"{APART["sales_account"]}"', "/Items", faults.create_then_drop(), "PUT")
    plan.next("/Accounts", faults.throttle("minute", 2), "GET")


def undelivered(database: str) -> dict[str, int]:
    """How many deliveries are in which state, the delivered ones left out; and how many orders and runs are not done."""
    with psycopg.connect(database) as connection:
        rows = dict(connection.execute("SELECT state, count(*) FROM deliveries WHERE state <> 'delivered' GROUP BY state").fetchall())
        [(runs,)] = connection.execute("SELECT count(*) FROM runs WHERE finished_at IS NULL").fetchall()
        [(due,)] = connection.execute("SELECT count(*) FROM orders WHERE decision = 'due'").fetchall()
    return rows | {name: count for name, count in (("runs", runs), ("due", due)) if count}


def state_of(database: str, path: str) -> str:
    """The state of a connection."""
    with psycopg.connect(database) as connection:
        [(state,)] = connection.execute("SELECT state FROM connections WHERE integration = %s", (path,)).fetchall()
    return str(state)


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=150, orders=60, broken=2, seed=11)


@pytest.fixture
def day(tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic) -> Iterator[Day]:
    """All messages are in, and every lane is connected; nothing is invoiced yet."""
    secret, key = tmp_path / "client_secret", secrets.token_urlsafe(48)
    secret.write_text(CLIENT_SECRET)
    with FakeXero(contract=xero_contract()) as xero:
        organisations = {name: xero.add_organisation(f"{name} Ltd") for name in TRACKED}
        for organisation in organisations.values():
            for company in COMPANIES:
                organisation.add_contact(contact_name(company))
        xero.will_consent(*organisations.values())
        app = xero.add_app(client_secret=CLIENT_SECRET)
        (tmp_path / "shops.yaml").write_text(yaml.safe_dump(declared(app, secret)), encoding="utf-8")
        settings = {
            "BILLHOOK_DATABASE_URL": postgres_url,
            "BILLHOOK_BROKER_URL": broker_url,
            "BILLHOOK_SECRET_KEY": key,
            "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
            "BILLHOOK_XERO_API_URL": xero.origin,
            "BILLHOOK_XERO_LOGIN_URL": xero.origin,
            "BILLHOOK_XERO_IDENTITY_URL": xero.identity_url,
            "BILLHOOK_LEASE_S": "10",
            "BILLHOOK_LOG_FORMAT": "json",
        }
        with fleet_in(tmp_path, settings) as fleet:
            day = Day(fleet, xero, organisations, postgres_url)
            fleet.run("migrate")
            fleet.run("apply", "-f", "shops.yaml", "--yes")
            for role in ("intake", "worker", "worker"):
                fleet.start(role)
            day.connect("701", "home")
            keep_tokens(day, app, key)
            publish(broker_url, traffic)
            wait_until(lambda: recorded(postgres_url) >= len(traffic.bodies), DRAIN_S, "all messages were recorded", fleet.logs)
            yield day


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_invoice_is_authorised_at_xero_once_on_a_bad_day_with_two_workers(day: Day, tmp_path: Path) -> None:
    """Tracked and untracked; the effects are counted by Xero, exactly one for each document and organisation."""
    a_bad_day(day)

    day.fleet.start("scheduler")
    wait_until(lambda: bool(day.organisations["home"].invoices) and not undelivered(day.database), DRAIN_S, "all was there", day.fleet.logs)

    assert day.ask("verify")["ok"]
    check_the_books(day)
    wait_until(lambda: books_agree(day), DRAIN_S, "reconcile found the books to agree", day.fleet.logs)
    check_a_lost_consent(day, day.delivered_to(FIRST))
    check_the_drift_of_books_that_people_worked_in(day)
    wait_until(lambda: "works no more" in mailed(tmp_path), DRAIN_S, "it was told by mail", day.fleet.logs)
    # Told once. That it is over is told later, once it has stayed so.
    assert mailed(tmp_path).count("works no more") == 1
    assert {0} == set(day.fleet.stop_all())
    assert day.xero.faults.pending == 0, "a planned fault never happened"
    assert day.xero.contract_violations == []
    assert day.xero.limits.refused == {}, "a limit of Xero's was run into"
    assert day.xero.peak_in_flight <= 5
    check_that_no_secret_got_out(day, tmp_path)


def books_agree(day: Day) -> bool:
    """Whether `reconcile` finds nothing, untracked and tracked, at home and away; not yet where the minute's calls are used up."""
    try:
        day.fleet.run("reconcile", FIRST, "702/xero/home", "704/xero/away")
    except AssertionError as not_yet:
        print(not_yet)
        return False
    return True


def check_the_books(day: Day) -> None:
    """Each issued invoice is in each organisation once, approved, with our total; and each tracked one's purchase order."""
    issued = {row["display_number"]: row for row in day.fleet.ask_all("invoices", "list", key="invoices")}
    deliveries = day.fleet.ask_all("deliveries", "list", key="deliveries")
    for name, organisation in day.organisations.items():
        assert organisation.effects(["Invoices"]) == dict.fromkeys(issued, 1)
        assert organisation.overwritten(["Invoices"]) == {}
        ordered = {number: 1 for number, row in issued.items() if row["company"] in TRACKED[name]}
        assert organisation.effects(["PurchaseOrders"]) == ordered
        assert {invoice["Status"] for invoice in organisation.invoices} == {"AUTHORISED"}
        totals = {invoice["InvoiceNumber"]: str(invoice["Total"]) for invoice in organisation.invoices}
        assert totals == {number: row["total"] for number, row in issued.items()}
        sent = {row["remote_id"] for row in deliveries if row["integration"].endswith(f"/{name}")}
        assert sent == {invoice["InvoiceID"] for invoice in organisation.invoices}


def check_a_lost_consent(day: Day, delivery: str) -> None:
    """Somebody at Xero disconnects the app: what is sent next waits, one mail says so, and it goes on after a reconnect."""
    day.xero.identity.leave(day.organisations["home"].tenant_id)
    day.ask("deliveries", "resend", delivery, "--reason", "to see it wait", "--yes")
    wait_until(lambda: state_of(day.database, FIRST) == "needs_reauth", DRAIN_S, "the lost consent was seen", day.fleet.logs)

    [lost] = day.ask("connections", "status", FIRST, expect=4)["connections"]
    assert lost["next_step"] == "billhook connect xero --company 701 --name home"
    assert "among the app's connections no more" in lost["reason"]
    assert sum(undelivered(day.database).values()) == 1

    day.connect("701", "home")
    wait_until(lambda: not undelivered(day.database), DRAIN_S, "what waited went on", day.fleet.logs)
    assert day.organisations["home"].overwritten(["Invoices"]) == {}


def mailed(folder: Path) -> str:
    """What all mails say, on one line."""
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted((folder / "var" / "mail").glob("*.eml"))]
    return " ".join(" ".join(str(mail.get_content()).split()) for mail in mails)


def check_the_drift_of_books_that_people_worked_in(day: Day) -> None:
    """Renumbered, voided, another total, another contact: one row for each, and exit code 7."""
    numbers = [row["InvoiceNumber"] for row in day.organisations["home"].invoices if row["Contact"]["Name"] == contact_name("701")][:4]
    stranger = day.organisations["home"].add_contact("Stranger Ltd")
    renumbered, voided, changed, moved = numbers
    day.edit(renumbered, InvoiceNumber="OLD-1")
    day.edit(voided, Status="VOIDED")
    day.edit(changed, Total=1)
    day.edit(moved, Contact={"ContactID": stranger["ContactID"], "Name": "Stranger Ltd"})

    [told] = day.ask("reconcile", FIRST, expect=7)["integrations"]

    assert {row["number"]: row["drift"] for row in told["drift"]} == {
        renumbered: "different",
        voided: "voided",
        changed: "different",
        moved: "different",
    }
    assert all(row["next_step"] for row in told["drift"])


def check_that_no_secret_got_out(day: Day, folder: Path) -> None:
    """No token that Xero ever gave, and not the app's secret, is anywhere in clear: in database, logs, mails, or what was printed."""
    day.ask("integrations", "show", FIRST)
    tokens = [(given.access_token, given.refresh_token or "") for given in day.xero.identity.given]
    hidden = {text for pair in tokens for text in pair if text} | {CLIENT_SECRET}
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "client_secret"]
    haystack = b"\n".join([*written, "\n".join(day.heard).encode(), dump(day.database).encode()])

    assert len(hidden) > 2 * len(COMPANIES)
    assert "701/xero/home" in haystack.decode(errors="replace")
    for text in hidden:
        for shape in (text.encode(), text.encode().hex().encode(), base64.b64encode(text.encode()).rstrip(b"=")):
            assert shape not in haystack


def dump(database: str) -> str:
    """Every row of every table as text."""
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return "\n".join(row for (table,) in tables for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t"))
