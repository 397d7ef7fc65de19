"""Flows end to end: a jortt and a Fortnox, flows both ways at once, two schedulers and two workers as processes, on a bad day."""

import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import yaml

from tests.docs.pages import ROOT, blocks
from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.fakes.fortnox import Company, FakeFortnox
from tests.fakes.fortnox.fixtures import fake_fortnox
from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.fake import SCOPES, FakeJortt
from tests.fakes.jortt.fixtures import published_contract

__all__ = ["fake_fortnox"]

TENANT = "1000"
ROUNDS_MAX = 6
ROUND_S = 120
NAMES = ("Zoë van der Berg", "Piet Klaassen", "Anna de Vries", "Jan Jansen")


@pytest.fixture
def jortt() -> Iterator[FakeJortt]:
    with FakeJortt(contract=published_contract()) as jortt:
        yield jortt
    assert jortt.violations == []


def declared() -> dict[str, Any]:
    """As docs/how-to/flows.md shows it, with customers too."""
    shown = next(block for block in blocks(ROOT / "docs/how-to/flows.md") if block.file == "flows.yaml")
    world: dict[str, Any] = yaml.safe_load("\n".join(shown.lines))
    for flow in world["flows"]:
        flow |= {"objects": ["customers", "orders"], "conflicts": "newest", "statuses": []}
    return world


def set_up(jortt: FakeJortt, fortnox: FakeFortnox) -> tuple[Organisation, Company]:
    """Both know the app; a customer is in both, written otherwise."""
    organisation = jortt.add_organisation()
    jortt.add_app("id-at-jortt", "app-secret", "", SCOPES, organisation)
    fortnox.add_app("id-at-fortnox", "app-secret", "http://localhost:8765/callback")
    company = fortnox.add_company(TENANT, vat_rates=(25, 21, 12, 6, 0))
    for name in NAMES:
        first, _, last = name.partition(" ")
        person = {"is_private": True, "customer_name": name, "first_name": first, "last_name": last, "email": mailbox(name)}
        customer = jortt.add_customer(organisation, **person)
        jortt.add_invoice(organisation, customer)
    for number, name in enumerate(("  PIET   klaassen", "Ewa Ek", "Bo Berg"), 7):
        address = {"Address1": "Oudegracht 3", "ZipCode": "3511 AB", "City": "Utrecht", "CountryCode": "NL"}
        person = {"CustomerNumber": str(number), "Name": name, "Type": "PRIVATE", "Email": mailbox(name).title()}
        fortnox.set_up(TENANT, "customers", **person, **address)
        row = {"Description": "Mok", "OrderedQuantity": "2", "DeliveredQuantity": "2", "Price": 12.5, "VAT": 21}
        fortnox.set_up(TENANT, "orders", CustomerNumber=str(number), Currency="EUR", OrderRows=[row])
    return organisation, company


def mailbox(name: str) -> str:
    """The same however the name is written."""
    return f"{'.'.join(name.casefold().split())}@example.com"


def a_bad_day(jortt: FakeJortt, fortnox: FakeFortnox) -> None:
    """Answers lost on both sides, after and before the work was done, and reads that fail."""
    for on in ("POST /v3/invoices", "POST /v3/customers"):
        jortt.faults.create_then_drop(on)
        jortt.faults.drop_before_create(on)
    jortt.faults.html_502("POST /v3/invoices", processed=True)
    jortt.faults.status(429, "GET /v3/customers")
    for path in ("/3/orders", "/3/customers"):
        fortnox.faults.create_then_drop(path)
        fortnox.faults.drop_before_create(path)
    fortnox.faults.html_502("/3/orders", "POST", processed=True)
    fortnox.faults.status(500, "/3/orders", "GET")


def one_round(fleet: Fleet, database: str, dying: subprocess.Popen[bytes] | None = None) -> None:
    """Both slots come; two schedulers see it at the same time, and the workers deliver, one until it dies. Waiting is cut short."""
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE flow_states SET next_run_at = now()")
    schedulers = [fleet.start("scheduler", "--until-idle") for _ in range(2)]
    assert [scheduler.wait(ROUND_S) for scheduler in schedulers] == [0, 0], fleet.logs()
    if dying is not None:
        dying.kill()
    wait_until(lambda: not undelivered(database), ROUND_S, "all was delivered", lambda: f"{undelivered(database)}\n{fleet.logs()}")


def undelivered(database: str) -> dict[str, int]:
    """How many deliveries are in which state, those that have come to an end left out."""
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE deliveries SET due_at = now() WHERE state IN ('unknown', 'waiting') AND due_at > now()")
        connection.execute("UPDATE lanes SET parked_until = NULL")
        rows = connection.execute("SELECT state, count(*) FROM deliveries WHERE due_at IS NOT NULL GROUP BY state")
        return dict(rows.fetchall())


def delivered(database: str) -> Counter[tuple[str, str]]:
    """How many deliveries each side had, by their states."""
    with psycopg.connect(database) as connection:
        return Counter(connection.execute("SELECT integration, state FROM deliveries").fetchall())


def connect(fleet: Fleet) -> None:
    """As the page says; without a browser on this machine."""
    fleet.run("connect", "jortt", "--company", "100")
    begun = fleet.ask("connect", "fortnox", "--company", "200", "--begin")
    sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
    fleet.run("connect", "fortnox", "--company", "200", "--finish", sent_back)


@pytest.mark.timeout(600)
def test_flows_both_ways_bring_each_record_over_once_on_a_bad_day(
    tmp_path: Path, postgres_url: str, jortt: FakeJortt, fake_fortnox: FakeFortnox
) -> None:
    """Each remote effect once, no echo, no loop after several rounds, one run of a flow at a time; the effects are counted there."""
    organisation, company = set_up(jortt, fake_fortnox)
    (tmp_path / "flows.yaml").write_text(yaml.safe_dump(declared()), encoding="utf-8")
    settings = {
        "BILLHOOK_DATABASE_URL": postgres_url,
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
        "BILLHOOK_JORTT_API_URL": jortt.api_url,
        "BILLHOOK_JORTT_AUTH_URL": jortt.api_url,
        "BILLHOOK_FORTNOX_API_URL": fake_fortnox.api_url,
        "BILLHOOK_FORTNOX_AUTH_URL": fake_fortnox.apps_url,
        "BILLHOOK_LEASE_S": "10",
        "JORTT_CLIENT_SECRET": "app-secret",
        "FORTNOX_CLIENT_SECRET": "app-secret",
    }
    with fleet_in(tmp_path, settings) as fleet:
        fleet.run("migrate")
        fleet.run("apply", "-f", "flows.yaml", "--yes")
        connect(fleet)
        fleet.run("scheduler", "--until-idle")
        a_bad_day(jortt, fake_fortnox)
        workers = [fleet.start("worker") for _ in range(2)]

        one_round(fleet, postgres_url, dying=workers[0])
        rounds, before = 1, None
        # A read that failed, or a worker that died, may leave something to the next slot; then there is a round without news.
        while before != (so_far := delivered(postgres_url)):
            assert rounds < ROUNDS_MAX, "each round brought something new"
            before = so_far
            one_round(fleet, postgres_url)
            rounds += 1
        [zoe] = [each for each in organisation.customers.values() if each.fields["customer_name"].startswith("Zoë")]
        zoe.fields["address_city"] = "Haarlem"
        for _ in range(2):
            one_round(fleet, postgres_url)

        check_both_sides(organisation, company)
        assert delivered(postgres_url) == before + Counter({("200/fortnox", "delivered"): 1}), "only Zoë's move was news"
        assert runs(postgres_url) == dict.fromkeys(("to-fortnox", "to-jortt"), (rounds + 2, "")), "each slot fires once, whoever comes"
        assert fleet.ask("verify")["ok"]
    assert fake_fortnox.faults.pending == [], "a planned fault never happened"
    assert jortt.faults.left == 0, "a planned fault never happened"
    assert fake_fortnox.refused_calls == 0, "a limit of Fortnox's was run into"


def check_both_sides(organisation: Organisation, company: Company) -> None:
    """Four orders came from jortt and three from Fortnox; six people are on both sides once."""
    references = Counter(str(each["ExternalInvoiceReference1"]) for each in company.orders.values())
    assert references.pop("") == 3
    assert references == {f"to-fortnox-{each.id}": 1 for each in organisation.invoices.values() if not each.fields["reference"]}
    assert Counter(each.fields["reference"] for each in organisation.invoices.values()) == {
        None: len(NAMES),
        **{f"to-jortt-{number}": 1 for number, each in company.orders.items() if not each["ExternalInvoiceReference1"]},
    }
    people = sorted([*(name.casefold() for name in NAMES), "bo berg", "ewa ek"])
    assert sorted(" ".join(str(each["Name"]).casefold().split()) for each in company.customers.values()) == people
    assert sorted(" ".join(each.fields["customer_name"].casefold().split()) for each in organisation.customers.values()) == people
    cities = [each["City"] for each in company.customers.values() if str(each["Name"]).startswith("Zoë")]
    assert cities == ["Haarlem"]


def runs(database: str) -> dict[str, tuple[int, str]]:
    """How many runs each flow had, and what was wrong with the last."""
    with psycopg.connect(database) as connection:
        return {name: (token, problem) for name, token, problem in connection.execute("SELECT name, token, problem FROM flow_states")}
