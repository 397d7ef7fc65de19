"""The consent of Xero's user, given as an operator does it: through the command."""

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from domain.companies.integration import Integration
from tests.e2e.cli.conftest import BILLHOOK, Done, Installation
from tests.e2e.cli.terminal import CTRL_C, at_a_terminal
from tests.fakes.xero.fake import FakeXero

KEY = "a key for these tests, longer than 32 characters"
LANE = "777/xero"
CLIENT_SECRET = "a-client-secret-nobody-may-see"


@dataclass(frozen=True)
class Desk:
    """An installation whose company 777 has a Xero, at the address of the fake."""

    billhook: Installation
    xero: FakeXero
    port: int

    @property
    def settings(self) -> dict[str, str]:
        """Variables without their prefix."""
        origin = self.xero.origin
        vendors = {"xero_api_url": origin, "xero_login_url": origin, "xero_identity_url": origin}
        return {"secret_key": KEY, "allowed_networks": "127.0.0.1", "log_level": "info", **vendors}

    def __call__(self, *arguments: str, given: str = "") -> Done:
        """Run the command."""
        return self.billhook(*arguments, given=given, **self.settings)

    @property
    def redirect_uri(self) -> str:
        """Where the command listens."""
        return f"http://localhost:{self.port}/callback"

    def begin(self) -> dict[str, Any]:
        """The address of consent and its state."""
        done = self("connect", "xero", "--company", "777", "--begin", "--json")
        assert done.code == 0, done.err
        return done.json

    def finish(self, address: str, *more: str) -> Done:
        """Bring the address back."""
        return self("connect", "xero", "--company", "777", "--finish", address, "--json", *more)

    def units_of_work(self) -> SqlUnitsOfWork:
        """The store, past the command."""
        return SqlUnitsOfWork(make_engine(f"sqlite:///{self.billhook.folder / 'var' / 'billhook.db'}"), AesGcmSecretBox(KEY))

    def declare(self) -> None:
        """As `apply` does it."""
        settings = {"client_id": "billhook", "redirect_uri": self.redirect_uri, "day_limit": 5000}
        with self.units_of_work()() as uow:
            known = uow.configurations.current()
            wanted = {**known.integrations, LANE: Integration("777", "xero", settings=settings)}
            uow.configurations.save(replace(known, integrations=wanted), {}, {LANE: {"client_secret": CLIENT_SECRET}})
            uow.commit()


@pytest.fixture
def desk(billhook: Installation) -> Iterator[Desk]:
    """Declared, not connected; Xero knows the app and has one organisation."""
    with FakeXero() as xero, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        desk = Desk(billhook, xero, port)
        xero.add_organisation()
        xero.add_app(client_secret=CLIENT_SECRET, redirect_uri=desk.redirect_uri)
        desk.declare()
        yield desk


def browse(address: str) -> str:
    """Where the vendor sends the browser."""
    return requests.get(address, allow_redirects=False, timeout=10).headers["Location"]


def test_a_connection_is_made_in_two_steps_and_ended(desk: Desk) -> None:
    """Without a browser on this machine; the state of it can be asked for at any time."""
    before = desk("connections", "status", "--json")
    begun = desk.begin()

    connected = desk.finish(browse(begun["authorize_url"]))
    status = desk("connections", "status", LANE, "--json")
    ended = desk("disconnect", "xero", "--company", "777", "--yes", "--reason", "moved", "--json")
    after = desk("connections", "list", "--json")

    assert (before.code, before.json["connections"][0]["next_step"]) == (4, "billhook connect xero --company 777")
    assert set(begun) == {"integration", "authorize_url", "state"}
    assert (connected.code, connected.json["organisation"]["name"]) == (0, "Demo Company (UK)")
    [row] = status.json["connections"]
    assert (status.code, row["state"], row["calls_left_today"], row["next_step"]) == (0, "ok", 5000, None)
    assert "offline_access" in row["scopes"]
    assert (ended.code, ended.json["disconnected"]) == (0, True)
    assert after.json["connections"][0]["state"] == "not_connected"
    assert not desk.xero.identity.connected("billhook")


def test_the_command_waits_for_the_browser(desk: Desk) -> None:
    """It prints the address, and finishes when the vendor sends the browser back; strangers get nothing."""
    settings = {f"BILLHOOK_{name.upper()}": value for name, value in desk.settings.items()}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    command = [BILLHOOK, "connect", "xero", "--company", "777"]
    with subprocess.Popen(
        command, cwd=desk.billhook.folder, env=plain | settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        address = next(line.strip() for line in process.stdout if line.strip().startswith("http"))
        next(line for line in process.stderr if "--finish" in line)
        stranger = requests.get(f"{desk.redirect_uri}?code=1&state=2", timeout=10)
        icon = requests.get(f"http://localhost:{desk.port}/favicon.ico", timeout=10)
        mine = requests.get(address, timeout=10)
        out, _ = process.communicate(timeout=60)

    assert (stranger.status_code, icon.status_code, mine.status_code) == (400, 404, 200)
    assert "Go back to the terminal" in mine.text
    assert process.returncode == 0
    assert "777/xero is connected to Demo Company (UK)" in out


def test_an_address_may_be_pasted(desk: Desk) -> None:
    """Read from stdin, so that it stands in no history of commands."""
    address = browse(desk.begin()["authorize_url"])

    done = desk("connect", "xero", "--company", "777", "--finish", "-", given=address + "\n")

    assert (done.code, done.out.startswith("777/xero is connected to Demo Company (UK)")) == (0, True)


def test_what_is_no_consent_says_what_to_do(desk: Desk) -> None:
    """Not begun, another's state, denied, too old: each with the command."""
    nothing = desk.finish("http://localhost/callback?code=1&state=2")
    address = browse(desk.begin()["authorize_url"])
    stranger = desk.finish(address + "x")
    desk.xero.will_deny()
    denied = desk.finish(browse(desk.begin()["authorize_url"]))
    begun = desk.begin()
    with desk.units_of_work()() as uow:
        pending = uow.connections.pending(LANE)
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        uow.connections.save_pending(LANE, replace(pending, asked_at=long_ago), long_ago)
        uow.commit()
    old = desk.finish(f"{desk.redirect_uri}?code=1&state={begun['state']}")

    assert [done.code for done in (nothing, stranger, denied, old)] == [1, 1, 1, 1]
    assert "is waited for" in nothing.err
    assert "belongs to another consent" in stranger.err
    assert "without a consent: access_denied" in denied.err
    assert "more than an hour ago" in old.err
    assert all("billhook connect xero --company 777" in done.err for done in (nothing, stranger, denied, old))


def test_the_organisation_is_chosen_and_stays(desk: Desk) -> None:
    """Of several the command asks which; another one on a reconnect is refused."""
    second = desk.xero.add_organisation("Second Ltd")
    address = browse(desk.begin()["authorize_url"])

    asked = desk.finish(address)
    chosen = desk.finish(address, "--organisation", second.tenant_id)
    first = next(each for each in asked.json["organisations"] if each["name"] != "Second Ltd")
    other = desk.finish(browse(desk.begin()["authorize_url"]), "--organisation", first["organisation_id"])

    assert (asked.code, asked.json["connected"], len(asked.json["organisations"])) == (3, False, 2)
    assert (chosen.code, chosen.json["organisation"]) == (0, {"id": second.tenant_id, "name": "Second Ltd"})
    assert other.code == 1
    assert "is connected to Second Ltd" in other.err
    assert "billhook disconnect xero --company 777" in other.err


def test_at_a_terminal_the_organisation_is_asked_for_and_a_disconnect_is_agreed_to(desk: Desk) -> None:
    """A number that none of them has is asked for again; no and Ctrl-C keep the connection."""
    desk.xero.add_organisation("Second Ltd")
    desk.billhook.write(".env", "".join(f"BILLHOOK_{name.upper()}={value}\n" for name, value in desk.settings.items()))
    address = browse(desk.begin()["authorize_url"])
    wanted = ("connect", "xero", "--company", "777", "--finish", address)

    code, shown = at_a_terminal(desk.billhook, *wanted, answer="7\n2\n", asked="Which one are the invoices for: ")
    ended = [at_a_terminal(desk.billhook, "disconnect", "xero", "--company", "777", answer=answer) for answer in ("n\n", CTRL_C, "y\n")]

    assert (code, "777/xero is connected to Second Ltd" in shown, shown.count("Which one")) == (0, True, 2)
    assert all("Disconnect 777/xero? Its deliveries will wait. [y/N]" in text for _, text in ended)
    assert [(code, "is disconnected from Second Ltd" in text) for code, text in ended] == [(2, False), (1, False), (0, True)]


def test_the_doctor_names_a_connection_that_needs_a_person(desk: Desk) -> None:
    """And is content with one that works."""
    without = desk("doctor", "--json")
    desk.finish(browse(desk.begin()["authorize_url"]))
    connected = desk("doctor", "--json")

    def finding(done: Done) -> dict[str, Any]:
        return next(check for check in done.json["checks"] if check["name"] == f"connection {LANE}")

    assert (without.code, finding(without)["verdict"]) == (7, "fail")
    assert finding(without)["next_step"] == "Run: billhook connect xero --company 777"
    assert finding(connected)["verdict"] == "ok"
    assert "Demo Company (UK)" in finding(connected)["detail"]


def test_a_kind_that_needs_no_consent_and_a_company_without_one_say_so(desk: Desk) -> None:
    """With the exit codes of every command."""
    mailer = desk("connect", "pdf_emailer", "--company", "777")
    unknown = desk("connect", "xero", "--company", "778")
    both = desk("connect", "xero", "--company", "777", "--begin", "--finish", "x")
    twice = desk("disconnect", "xero", "--company", "777", "--yes")

    assert (mailer.code, unknown.code, both.code, twice.code) == (1, 5, 2, 0)
    assert "not connected" in mailer.err
    assert "777/xero is not connected." in twice.err


def test_no_secret_gets_out(desk: Desk) -> None:
    """Neither into what is printed nor into any file, also where things go wrong."""
    begun = desk.begin()
    address = browse(begun["authorize_url"])
    done = [desk.finish(address), desk("--debug", "connections", "list"), desk("--debug", *_again(desk, address))]
    assert [each.code for each in done] == [0, 0, 1], done
    with desk.units_of_work()() as uow:
        tokens = uow.connections.find(LANE).tokens
        verifiers = [begun["state"]]
    desk.xero.identity.forget_tokens()
    done.append(desk("disconnect", "xero", "--company", "777", "--yes"))

    code = address.partition("code=")[2].partition("&")[0]
    for secret in (tokens.access_token, tokens.refresh_token, CLIENT_SECRET, code, *verifiers):
        assert not [each for each in done if secret in each.out + each.err]
        assert not [path for path in _files(desk.billhook.folder) if secret.encode() in path.read_bytes()]


def _again(desk: Desk, address: str) -> tuple[str, ...]:
    return ("connect", "xero", "--company", "777", "--finish", address)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
