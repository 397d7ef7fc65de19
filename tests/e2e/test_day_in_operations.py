"""A day in operations: six things go wrong, and an operator with the guide and the command line alone puts each of them right.

The operator types what docs/how-to/operations.md says, as it stands there. What only a person can do there is done here by a hand:
to agree in a browser, and to mend a file.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.docs.pages import ROOT, Command, blocks
from tests.docs.session import first_missing
from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import Traffic
from tests.e2e.warm import warm_billhook
from tests.fakes.xero import FakeXero, Organisation, faults
from tests.fakes.xero.fixtures import xero_contract
from tests.services.http_partner import HttpPartner
from tests.services.mail_catcher import MailCatcher

GUIDE = ROOT / "docs/how-to/operations.md"
WITHIN_S = 60
XERO, PARTNER, ARCHIVE = "777/xero", "778/net_digitizing", "777/generic_filesystem"
# The days of the guide's examples stand for those of its reader.
WEEK_AGO, TOMORROW = "2026-11-14", "2026-11-22"

COMPANIES = """\
admin_companies:
  - ref: acme-print
    name: ACME Print Ltd
    address: {{line1: 4 Mill Lane, city: Leeds, postcode: LS9 8AB, country: GB}}
    vat_number: GB980780684
companies:
  - ref: "777"
    admin_company: acme-print
    name: Card Corner Ltd
    address: &address {{line1: 9 Park Row, city: Leeds, postcode: LS1 5HD, country: GB}}
    currency: GBP
    plan: &plan {{starting_from: 2026-01-01, layout: individual, schedule: {{every: dispatch}}}}
    integrations:
      - kind: pdf_emailer
        settings: {{email_from: accounts@acme.example, email_to: books@cardcorner.example, errors_to: ops@acme.example}}
      - kind: xero
        settings: {{client_id: {client_id}, redirect_uri: {redirect_uri}, contact_name: Card Corner, errors_to: ops@acme.example}}
        secrets: {{client_secret: "${{SECRET_777_XERO_CLIENT_SECRET}}"}}
  - ref: "778"
    admin_company: acme-print
    name: Photo Gifts Ltd
    address: *address
    currency: GBP
    plan: *plan
    integrations:
      - kind: pdf_emailer
        settings: {{email_from: accounts@acme.example, email_to: books@photogifts.example, errors_to: ops@acme.example}}
      - kind: net_digitizing
        settings:
          url: {partner}
          look_up_url: "/{{ref}}"
          remote_id_path: data.id
          errors_to: ops@acme.example
          field_map:
            ref: order.ref
            service: {{from: order.shipping_method, table: {{Standard: STD}}}}
        secrets: {{auth_key: "${{SECRET_778_NET_DIGITIZING_AUTH_KEY}}"}}
price_lists:
  - {{company: "777", currency: GBP, sku: TEE, unit_price: "6.25", tax_code: standard}}
  - {{company: "777", currency: GBP, sku: MUG, unit_price: "52.50", tax_code: standard}}
  - {{company: "778", currency: GBP, sku: TEE, unit_price: "6.25", tax_code: standard}}
tax_rates:
  - {{country: GB, tax_code: standard, rate: "0.20"}}
"""

Hand = Callable[[str], None]


def order(ref: int, company: str = "777", **changes: Any) -> bytes:
    """An order that is dispatched."""
    dispatched = {"ref": str(ref), "company_ref_id": company, "status": 8, "status_name": "Dispatched", "version": 1}
    where = {"billing_country_code": "GB", "shipping_country_code": "GB", "shipping_method": "Standard", "currency_code": "GBP"}
    items = [{"sku": "TEE", "description": "T-shirt", "quantity": 2}]
    created = f"2026-11-{1 + ref % 7:02} 09:00:00"
    return json.dumps({**dispatched, **where, "creation_datetime": created, "items": items, **changes}).encode()


@dataclass
class Operator:
    """Types the commands of a part of the guide, one after the other, and sees that each prints what the guide says."""

    fleet: Fleet
    days: Mapping[str, str]
    typed: list[str] = field(default_factory=list)
    read: str = ""

    def follow(self, heading: str, hands: Mapping[str, Hand] | None = None, words: Mapping[str, Callable[[], str]] | None = None) -> None:
        """``hands`` do what a person does after a command, by how it begins; ``words`` are what a person puts in for a word of it."""
        left = dict(hands or {})
        self.typed, self.read = [], ""
        for command in _commands(heading):
            text = command.text
            for day, real in self.days.items():
                text = text.replace(day, real)
            for word, put in (words or {}).items():
                text = text.replace(word, put()) if word in text else text
            printed = self.fleet.type(text)
            missing = first_missing(command.output, printed)
            assert not missing, f"$ {text}\ndoes not print\n  {missing}\nbut\n{printed}"
            self.typed.append(text)
            self.read += printed
            for begin in [begin for begin in left if text.startswith(begin)]:
                left.pop(begin)(printed)
        assert self.typed, f"the guide has no commands under {heading!r}"
        assert not left, f"the guide does not say {list(left)} under {heading!r}"

    def was_led(self, *commands: str) -> None:
        """Whether the commands' own sentences named these next steps, and they were typed."""
        for command in commands:
            assert command in self.read, f"nothing said {command!r} in\n{self.read}"
            assert any(text.startswith(command) for text in self.typed), f"{command!r} was told and not typed"


def _commands(heading: str) -> Iterator[Command]:
    """The commands of a part of the guide that belong to the day."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    begin = lines.index(f"## {heading}") + 1
    end = next((number for number, line in enumerate(lines, 1) if number > begin and line.startswith("## ")), len(lines) + 1)
    for block in blocks(GUIDE):
        if begin < block.line < end and block.mark == "day":
            yield from block.commands()


@dataclass
class Day:
    """The fleet, everybody it deals with, and the operator."""

    fleet: Fleet
    database: str
    broker: str
    xero: FakeXero
    organisation: Organisation
    partner: HttpPartner
    mails: MailCatcher
    operator: Operator

    @property
    def archive(self) -> Path:
        """Where the integration of the afternoon drops its files."""
        return self.fleet.folder / "archive"

    def send(self, *bodies: bytes) -> None:
        """As the order management system does."""
        publish(self.broker, Traffic(list(bodies), {}, 0))

    def one(self, query: str) -> Any:
        """A look into the database, to wait for something."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute(query).fetchone()
        return row[0] if row else None

    def wait_for(self, query: str, wanted: object, what: str) -> None:
        """Until a look into the database shows it."""
        wait_until(lambda: self.one(query) == wanted, WITHIN_S, what, self.fleet.logs)

    def wait_for_invoices(self, count: int) -> None:
        """Issued, whether delivered or not."""
        self.wait_for("SELECT count(*) FROM documents WHERE type = 'invoice'", count, f"{count} invoices were issued")

    def wait_for_deliveries(self, but: int = 0) -> None:
        """All are delivered, apart from so many."""
        self.wait_for("SELECT count(*) FROM deliveries WHERE state <> 'delivered'", but, f"all but {but} were delivered")

    def let_time_pass(self) -> None:
        """What waits to be looked up is looked up now, and not in half a minute."""
        with psycopg.connect(self.database) as connection:
            connection.execute("UPDATE deliveries SET due_at = created_at WHERE state = 'unknown'")

    def mend(self, old: str, new: str) -> Hand:
        """A hand that mends the exported file, in the one place where it is wrong."""

        def mend(_printed: str) -> None:
            file = self.fleet.folder / "companies.yaml"
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, text
            file.write_text(text.replace(old, new), encoding="utf-8")

        return mend


@pytest.fixture
def day(tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher) -> Iterator[Day]:
    """The morning: companies are declared, Xero is connected, the roles run, and a week's orders are invoiced and delivered."""
    with FakeXero(contract=xero_contract()) as xero, HttpPartner() as partner, warm_billhook() as command:
        organisation = xero.add_organisation()
        organisation.add_contact("Card Corner")
        xero.will_consent(organisation)
        app = xero.add_app()
        declared = COMPANIES.format(client_id=app.client_id, redirect_uri=app.redirect_uri, partner=partner.url())
        (tmp_path / "declared.yaml").write_text(declared, encoding="utf-8")
        with fleet_in(tmp_path, _settings(postgres_url, broker_url, xero, mail_catcher, app.client_secret), command) as fleet:
            now = datetime.now(UTC)
            days = {WEEK_AGO: f"{now - timedelta(days=7):%Y-%m-%d}", TOMORROW: f"{now + timedelta(days=1):%Y-%m-%d}"}
            day = Day(fleet, postgres_url, broker_url, xero, organisation, partner, mail_catcher, Operator(fleet, days))
            fleet.run("migrate")
            fleet.run("apply", "-f", "declared.yaml", "--yes")
            begun = fleet.ask("connect", "xero", "--company", "777", "--begin")
            fleet.run("connect", "xero", "--company", "777", "--finish", agree(begun["authorize_url"]))
            for role in ("intake", "worker", "scheduler"):
                fleet.start(role)
            day.send(*(order(90001 + number) for number in range(7)))
            day.wait_for_invoices(7)
            day.wait_for_deliveries()
            yield day
            assert {0} == set(fleet.stop_all())


def _settings(database: str, broker: str, xero: FakeXero, mails: MailCatcher, client_secret: str) -> dict[str, str]:
    return {
        "BILLHOOK_DATABASE_URL": database,
        "BILLHOOK_BROKER_URL": broker,
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_SMTP_URL": mails.url(),
        "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
        "BILLHOOK_XERO_API_URL": xero.origin,
        "BILLHOOK_XERO_LOGIN_URL": xero.origin,
        "BILLHOOK_XERO_IDENTITY_URL": xero.identity_url,
        "BILLHOOK_LOG_FORMAT": "json",
        "SECRET_777_XERO_CLIENT_SECRET": client_secret,
        "SECRET_778_NET_DIGITIZING_AUTH_KEY": "key-of-the-shop",
    }


def agree(address: str) -> str:
    """Where the vendor sends the browser of a user who agrees."""
    return requests.get(address, allow_redirects=False, timeout=20).headers["Location"]


@pytest.mark.timeout(600)
def test_a_day_of_an_operator_with_the_guide_alone(day: Day) -> None:
    """An outage, a lost token, a wrong mapping, a bad message, a wrong price and a new integration; each thing arrives once."""
    the_vendor_is_away(day)
    the_token_is_lost(day)
    the_mapping_is_wrong(day)
    the_message_cannot_be_read(day)
    the_price_is_wrong(day)
    the_week_is_filled_in(day)

    nothing_was_delivered_twice(day)
    the_day_ends_well(day)


def the_vendor_is_away(day: Day) -> None:
    """Nothing goes to Xero, mails go on; the vendor is paused, and comes back."""
    day.xero.faults.next("*", faults.offline_503(), times=1000)
    day.send(order(90011), order(90012))
    day.wait_for_invoices(9)
    day.wait_for("SELECT count(*) FROM deliveries WHERE state = 'unknown'", 2, "nobody knows what became of them")
    day.let_time_pass()
    day.wait_for(f"SELECT count(*) FROM lanes WHERE integration = '{XERO}' AND failures > 0", 1, "the lane rests")
    day.wait_for_deliveries(but=2)

    day.operator.follow("A vendor is away", {"billhook deliveries list": lambda _: day.xero.faults.clear()})

    day.operator.was_led("billhook resume --vendor xero")
    day.wait_for_deliveries()


def the_token_is_lost(day: Day) -> None:
    """The vendor's user withdrew the consent; everybody is told once, and what waited goes on after the new one."""
    day.xero.identity.forget_tokens()
    day.send(order(90021))
    day.wait_for_invoices(10)
    day.wait_for("SELECT count(*) FROM incidents WHERE cause = 'needs_reauth' AND resolved_at IS NULL", 1, "the incident is open")
    day.wait_for_deliveries(but=1)

    begun: list[str] = []
    day.operator.follow(
        "A token is lost",
        {"billhook connect xero --company 777 --begin": lambda printed: begun.append(re.findall(r"http\S+", printed)[0])},
        {"THE ADDRESS THE BROWSER ENDED AT": lambda: agree(begun[0])},
    )

    day.operator.was_led("billhook connect xero --company 777")
    day.wait_for_deliveries()


def the_mapping_is_wrong(day: Day) -> None:
    """A table lacks a value: two of three orders are not sent, until the map is mended."""
    day.send(order(90031, "778"), order(90032, "778", shipping_method="Express"), order(90033, "778", shipping_method="Express"))
    day.wait_for_invoices(13)
    day.wait_for("SELECT count(*) FROM deliveries WHERE state = 'needs_human'", 2, "two need a person")
    day.wait_for_deliveries(but=2)

    day.operator.follow("A mapping is wrong", {"billhook export": day.mend("Standard: STD", "Standard: STD\n            Express: EXP")})

    day.operator.was_led(f"billhook deliveries list --integration {PARTNER} --state needs_human")
    day.wait_for_deliveries()


def the_message_cannot_be_read(day: Day) -> None:
    """One message of two is set aside; the other flows on."""
    day.send(order(90041, items=[{"sku": "TEE", "quantity": "two"}]), order(90042))
    day.wait_for_invoices(14)
    day.wait_for("SELECT count(*) FROM quarantined_messages", 1, "the message is in quarantine")

    def mended(printed: str) -> None:
        body = json.loads(printed)["body"]
        (day.fleet.folder / "order.json").write_text(body.replace('"two"', "2"), encoding="utf-8")

    day.operator.follow("A message cannot be read", {"billhook quarantine show qrt_1": mended})

    day.wait_for_invoices(15)
    day.wait_for_deliveries()


def the_price_is_wrong(day: Day) -> None:
    """A mug is invoiced at ten times its price: the invoice is credited, and issued again at the right one."""
    day.send(order(90051, items=[{"sku": "MUG", "description": "Mug", "quantity": 2}]))
    day.wait_for_invoices(16)
    day.wait_for_deliveries()

    day.operator.follow("A price is wrong", {"billhook export": day.mend("unit_price: '52.50'", "unit_price: '5.25'")})

    day.operator.was_led("billhook invoices credit INV-000016 --order 90051")
    day.wait_for_invoices(17)
    day.wait_for_deliveries()
    totals = {row["display_number"]: row["total"] for row in day.fleet.ask("invoices", "list", "--order", "90051")["invoices"]}
    assert totals == {"INV-000016": "126.00", "INV-000017": "12.60"}


def the_week_is_filled_in(day: Day) -> None:
    """What was issued before there was an archive gets there, each document once."""
    added = f"  - kind: generic_filesystem\n    settings: {{fs_type: local, fs_root: {day.archive}, document: invoice}}\n"

    day.operator.follow("Fill a week in", {"billhook export": day.mend("  - kind: xero\n", f"{added}  - kind: xero\n")})

    day.wait_for_deliveries()
    documents = day.one("SELECT count(*) FROM documents WHERE company = '777'")
    assert len(list(day.archive.iterdir())) == documents == 15


def nothing_was_delivered_twice(day: Day) -> None:
    """As the partners count it, and each counts all that it should have."""
    issued = day.fleet.ask_all("invoices", "list", "--company", "777", key="invoices")
    notes = day.fleet.ask_all("invoices", "list", "--company", "777", "--credit-notes", key="invoices")
    assert day.organisation.effects() == {row["display_number"]: 1 for row in (*issued, *notes)}
    posted = Counter(json.loads(request.body)["ref"] for request in day.partner.received if request.method == "POST")
    assert posted == {"90031": 1, "90032": 1, "90033": 1}
    mailed = Counter(name for mail in day.mails.mails if (name := mail.message["Message-ID"]).startswith("<dlv-"))
    assert len(mailed) == len(issued) + len(notes) + 3
    assert set(mailed.values()) == {1}
    assert day.xero.contract_violations == []


# What was done, and why, oldest first.
ACTS = [
    ("configuration_applied", ""),
    ("connected", ""),
    ("paused", "Xero is away"),
    ("resumed", "It is back"),
    ("reconnected", ""),
    ("paused", "Wrong field map"),
    ("configuration_applied", "Express has a code"),
    ("resumed", "Mended field map"),
    ("replayed", "Mended field map"),
    ("orders_import_begun", ""),
    ("orders_imported", ""),
    ("quarantine_dismissed", "Order 90041 was mended by hand"),
    ("paused", "Wrong price"),
    ("configuration_applied", "Mugs cost 5.25"),
    ("resumed", "Right price"),
    ("invoice_credited", "Wrong price"),
    ("invoices_run", "Wrong price"),
    ("configuration_applied", "New archive"),
    ("replayed", "New archive"),
    ("reconciled", ""),
]


def the_day_ends_well(day: Day) -> None:
    """Nothing is open, the books agree, and every act is written down with who did it and why."""
    # It looks at the incidents once a minute, and at once where it begins.
    day.fleet.run("scheduler", "--until-idle")

    day.operator.follow("Before you go home")

    entries = day.fleet.ask_all("audit", "list", key="entries")
    assert [(entry["action"], entry["reason"]) for entry in reversed(entries)] == ACTS
    assert all(entry["actor"] for entry in entries)
