"""Fortnox end to end: messages on RabbitMQ become invoices and orders in a company, once each, on a bad day with four workers."""

import os
import secrets
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
import requests
import yaml
from typer.testing import CliRunner

from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import COMPANIES, Traffic, configuration, make_traffic
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.company import Company
from tests.fakes.fortnox.fixtures import fake_fortnox

__all__ = ["fake_fortnox"]

REDIRECT = "http://localhost:8765/callback"
# Two companies have their orders there, and one of each kind has all of them mailed.
ORDERS, MAILED = frozenset({"704", "706"}), frozenset({"701", "706"})
DRAIN_S = 300
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


class Desk(Fleet):
    """Types all its commands in one process: what this test proves is not that each of two dozen starts by itself."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder, settings)
        self._process = ProcessPoolExecutor(1, get_context("spawn"), sit_down, (folder, dict(self._environment)))

    def run(self, *arguments: str, expect: int = 0) -> str:
        """As a process of its own would: what it prints on stdout."""
        code, out, err = self._process.submit(typed, arguments).result()
        assert code == expect, f"billhook {' '.join(arguments)} ended with {code}:\n{out}\n{err}"
        return out

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.shutdown()


def sit_down(folder: Path, environment: Mapping[str, str]) -> None:
    """In the process of the desk: the settings and the folder of the installation."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def typed(arguments: Sequence[str]) -> tuple[int, str, str]:
    """In the process of the desk: one command; its exit code and what it printed."""
    from entrypoints.cli.main import app  # noqa: PLC0415 - only that process loads it

    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout, f"{done.stderr}{done.exception or ''}"


def connect(desk: Desk, company: str) -> None:
    """As a person does without a browser on this machine: consent once, then client credentials."""
    begun = desk.ask("connect", "fortnox", "--company", company, "--begin")
    sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
    desk.run("connect", "fortnox", "--company", company, "--finish", sent_back)


def a_bad_day(fortnox: FakeFortnox) -> None:
    """Answers too late for a worker's life, lost after and before the work was done, replaced by pages and failures, and a limit."""
    faults = fortnox.faults
    faults.slow(DRAIN_S, INVOICES, "POST")
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


def worker_of_the_first_invoice(database: str, company: Company, workers: Sequence[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Whose call has created it and is not answered yet: who holds the lane."""
    mailbox = company.customers[company.invoices["1"]["CustomerNumber"]]["Email"]
    lane = f"{mailbox.removeprefix('books@shop-').removesuffix('.example')}/fortnox"
    with psycopg.connect(database) as connection:
        [(owner,)] = connection.execute("SELECT owner FROM lanes WHERE integration = %s", (lane,)).fetchall()
    [worker] = [each for each in workers if str(each.pid) == owner.rpartition(":")[2]]
    return worker


def undelivered(database: str) -> dict[str, int]:
    """How many deliveries are in which state, the delivered ones left out; how many runs are not done.

    Waiting is cut short: the time to the next try, and the half minute between two looks for a document. The limit of calls is kept
    by its budget all the same.
    """
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE deliveries SET due_at = now() WHERE state IN ('unknown', 'waiting') AND due_at > now()")
        connection.execute("UPDATE lanes SET parked_until = NULL WHERE parked_until > now()")
        connection.execute("UPDATE remote_links SET remote_id = '2026-01-01T00:00:00+00:00' WHERE type = 'fortnox_missed'")
        rows: dict[str, int] = dict(
            connection.execute("SELECT state, count(*) FROM deliveries WHERE state <> 'delivered' GROUP BY state").fetchall()
        )
        [(runs,)] = connection.execute("SELECT count(*) FROM runs WHERE finished_at IS NULL").fetchall()
    return rows | ({"runs": runs} if runs else {})


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=150, orders=60, broken=2, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_document_is_in_fortnox_once_and_mailed_once_on_a_bad_day_with_four_workers(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic, fake_fortnox: FakeFortnox
) -> None:
    """Fortnox counts the effects and the calls. One worker is killed between the creation of an invoice and the answer."""
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
    with Desk(tmp_path, settings) as desk, fleet_in(tmp_path, settings) as fleet:
        set_up(desk)
        a_bad_day(fake_fortnox)
        workers = [fleet.start(role) for role in ("worker", "worker", "worker", "worker", "scheduler")][:-1]
        desk.run("intake", "--until-idle")
        publish(broker_url, traffic)
        desk.run("intake", "--until-idle")

        wait_until(lambda: "1" in company.invoices, DRAIN_S, "the first invoice was created", fleet.logs)
        worker_of_the_first_invoice(postgres_url, company, workers).kill()
        wait_until(lambda: not undelivered(postgres_url), DRAIN_S, "all was delivered", fleet.logs)

        assert desk.ask("verify")["ok"]
        check_the_company(desk, company, traffic)
        check_the_mails(fake_fortnox, company)
        assert {0} == set(fleet.stop_all())
    assert fake_fortnox.faults.pending == [], "a planned fault never happened"
    assert fake_fortnox.refused_calls == 0, "a limit of Fortnox's was run into"
    assert fake_fortnox.window.most <= 25, "more than 25 calls in 5 seconds"
    assert len(company.customers) == len(COMPANIES)


def set_up(desk: Desk) -> None:
    """The schema, the companies, and a consent for each."""
    desk.run("migrate")
    desk.run("apply", "-f", "shops.yaml", "--yes")
    for ref in COMPANIES:
        connect(desk, ref)


def check_the_company(desk: Desk, company: Company, traffic: Traffic) -> None:
    """Each document that is owed is there once, under our references and with our total."""
    invoices = [row for row in desk.ask_all("invoices", "list", key="invoices") if row["company"] not in ORDERS]
    expected = {(row["admin_company"], row["display_number"]): row["total"] for row in invoices}
    there = Counter(str(each["ExternalInvoiceReference2"]) for each in company.invoices.values())
    assert there == {f"billhook:invoice:{owner}:{number}": 1 for owner, number in expected}
    totals = {tuple(str(each["ExternalInvoiceReference2"]).split(":")[2:]): f"{each['Total']:.2f}" for each in company.invoices.values()}
    assert totals == expected
    orders = Counter(str(each["ExternalInvoiceReference1"]) for each in company.orders.values())
    assert set(orders.values()) == {1}
    assert set(orders) < traffic.eligible
    deliveries = desk.ask_all("deliveries", "list", key="deliveries")
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
