"""What stops by itself is listed with its reason and its undo, and goes on at the operator's word: with real roles and faked partners."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.cli.conftest import COMPANIES, Done, Installation
from tests.fakes.xero import FakeXero, Organisation, faults
from tests.services.plain_sftp import PlainSftpServer

KEY = "a key for these tests, longer than 32 characters"
XERO, FILES = "777/xero", "777/generic_filesystem"
MAILER = """      - kind: pdf_emailer
        settings: {email_from: accounts@acme.example, email_to: books@cardcorner.example}
"""


@dataclass(frozen=True)
class Night:
    """An installation with one lane only, and an invoice that waits in it."""

    billhook: Installation
    settings: dict[str, str]
    lane: str

    def __call__(self, *arguments: str, expect: int = 0) -> Done:
        """Run the command."""
        done = self.billhook(*arguments, **self.settings)
        assert done.code == expect, f"{arguments} ended with {done.code}:\n{done.out}\n{done.err}"
        return done

    def declare(self, integration: str) -> None:
        """In place of the mailer."""
        self("apply", "-f", self.billhook.write("night.yaml", COMPANIES.replace(MAILER, integration)), "--yes")

    def rest(self) -> dict[str, Any]:
        """Work, and see that `pauses list` tells the same rest as `lanes list`."""
        self("worker", "--until-idle")
        [pause] = self("pauses", "list", "--json").json["pauses"]
        [lane] = self("lanes", "list", "--json").json["lanes"]
        assert (lane["state"], lane["reason"]) == ("resting", pause["reason"])
        assert (pause["scope"], pause["subject"], pause["automatic"], pause["actor"]) == ("integration", self.lane, True, "billhook")
        assert pause["undo"] == f"billhook resume --integration {self.lane}"
        assert pause["until"] == lane["next_at"]
        row: dict[str, Any] = pause
        return row

    def resume(self) -> None:
        """As the list says."""
        resumed = self("resume", "--integration", self.lane, "--reason", "mended", "--json").json
        assert (resumed["pause"], resumed["woken"]) == (None, [self.lane])

    def is_over(self) -> bool:
        """All is delivered, and nothing rests."""
        self("worker", "--until-idle")
        [delivery] = self("deliveries", "list", "--json").json["deliveries"]
        return delivery["state"] == "delivered" and self("pauses", "list", "--json").json["pauses"] == []


@pytest.fixture
def xero() -> Iterator[tuple[FakeXero, Organisation]]:
    with FakeXero() as xero:
        organisation = xero.add_organisation()
        organisation.add_contact("Card Corner")
        xero.will_consent(organisation)
        yield xero, organisation


@pytest.fixture
def at_xero(billhook: Installation, xero: tuple[FakeXero, Organisation]) -> Night:
    """Connected."""
    fake, _ = xero
    app = fake.add_app()
    addresses = {"xero_api_url": fake.origin, "xero_login_url": fake.origin, "xero_identity_url": fake.identity_url}
    night = Night(billhook, {"secret_key": KEY, "allowed_networks": "127.0.0.1", **addresses}, XERO)
    (billhook.folder / "secret").write_text(app.client_secret, encoding="utf-8")
    settings = f"{{client_id: {app.client_id}, redirect_uri: {app.redirect_uri}, contact_name: Card Corner}}"
    night.declare(f'      - kind: xero\n        settings: {settings}\n        secrets: {{client_secret: "file:secret"}}\n')
    connect(night)
    order_and_invoice(night)
    return night


def order_and_invoice(night: Night) -> None:
    """One document for the one lane."""
    night("orders", "import", night.billhook.write("order.jsonl", night.billhook.order("1")))
    night("invoices", "run", "--company", "777")


def connect(night: Night) -> None:
    """As a person does without a browser on this machine."""
    begun = night("connect", "xero", "--company", "777", "--begin", "--json").json
    sent_back = requests.get(begun["authorize_url"], allow_redirects=False, timeout=20).headers["Location"]
    night("connect", "xero", "--company", "777", "--finish", sent_back)


def test_an_outage_a_limit_of_the_day_and_a_lost_consent_rest_and_are_resumed(at_xero: Night, xero: tuple[FakeXero, Organisation]) -> None:
    """One after the other, on one lane; at the end the invoice is there once."""
    fake, organisation = xero

    fake.faults.next("*", faults.offline_503(), times=1000)
    outage = at_xero.rest()
    fake.faults.clear()
    fake.faults.next("*", faults.throttle("day", 40_000), times=1000)
    at_xero.resume()
    limit = at_xero.rest()
    fake.faults.clear()
    fake.identity.forget_tokens()
    at_xero.resume()
    consent = at_xero.rest()
    still_lost = at_xero("connections", "status", expect=4)
    connect(at_xero)
    resumed = at_xero("resume", "--integration", XERO, "--json").json

    assert "503" in outage["reason"]
    assert "(day)" in limit["reason"]
    assert limit["next_step"]
    assert "billhook connect xero --company 777" in consent["next_step"]
    assert XERO in still_lost.out
    # The new consent has woken the lane already.
    assert resumed == {"pause": None, "woken": [], "dry_run": False}
    assert at_xero.is_over()
    assert organisation.effects() == {"INV-000001": 1}


def test_a_changed_host_key_rests_until_somebody_has_compared_it(billhook: Installation, tmp_path: Path) -> None:
    """The list says what to compare; after the mend the lane goes on by itself."""
    (tmp_path / "files").mkdir()
    night = Night(billhook, {"secret_key": KEY, "allowed_networks": "127.0.0.1"}, FILES)
    with PlainSftpServer(tmp_path / "files") as server:
        billhook.write("password", server.password)
        night.declare(files_at(server, "SHA256:" + "A" * 43))
        order_and_invoice(night)
        changed = night.rest()
        told = night("pauses", "list").out
        examined = night("doctor", "--json", expect=7).json["checks"]
        night.resume()
        night.rest()  # nothing is mended yet
        night.declare(files_at(server, fingerprint(server)))

        assert "host key" in changed["reason"]
        assert "host_key" in changed["next_step"]
        assert [check["name"] for check in examined if check["verdict"] == "fail"] == [f"host key {FILES}"]
        assert "resting, 1 open" in next(check["detail"] for check in examined if check["name"] == f"lane {FILES}")
        assert f"billhook resume --integration {FILES}" in told
        assert night.is_over()
        assert len(list((tmp_path / "files").iterdir())) == 1


def files_at(server: PlainSftpServer, key: str) -> str:
    """The integration, which pins a host key."""
    place = f"fs_type: sftp, host: 127.0.0.1, port: {server.port}, username: {server.username}, fs_root: /, document: invoice"
    return f"""      - kind: generic_filesystem
        settings: {{{place}, host_key: "{key}"}}
        secrets: {{password: "file:password"}}
"""


def fingerprint(server: PlainSftpServer) -> str:
    """As a partner would tell it."""
    return str(server.host_key.fingerprint)
