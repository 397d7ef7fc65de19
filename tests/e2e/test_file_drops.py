"""File drops end to end: a message on RabbitMQ becomes a whole file on a real server."""

import csv
import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from adapters.file_drop.keys import fingerprint
from tests.e2e.fleet import Fleet, fleet_in
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import Traffic, configuration, make_traffic, with_hostile_refs
from tests.e2e.warm import shared_billhook
from tests.services.sshd import Sshd


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=120, orders=40, broken=2, seed=7)


def sftp_to(sshd: Sshd, folder: str, **more: str) -> dict[str, Any]:
    """Settings of a file drop on the server."""
    address = {"fs_type": "sftp", "host": "127.0.0.1", "port": sshd.port, "username": sshd.username, "host_key": sshd.fingerprint()}
    return {**address, "fs_root": f"{sshd.files}/{folder}", **more}


def fleet_with(folder: Path, database: str, broker: str, integration: dict[str, Any], **settings: str) -> Any:
    """An installation whose companies have this one integration."""
    declared = configuration()
    for company in declared["companies"]:
        company["integrations"] = [integration]
    (folder / "shops.yaml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    environment = {
        "BILLHOOK_DATABASE_URL": database,
        "BILLHOOK_BROKER_URL": broker,
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_ALLOWED_NETWORKS": "127.0.0.1",
        **settings,
    }
    return fleet_in(folder, environment, shared_billhook())


def do_the_day(fleet: Fleet, broker: str, traffic: Traffic) -> None:
    """Configure, take the messages, invoice, deliver."""
    fleet.run("migrate")
    fleet.run("apply", "-f", "shops.yaml", "--yes")
    fleet.run("intake", "--until-idle")
    publish(broker, traffic)
    for role in ("intake", "scheduler", "worker"):
        fleet.run(role, "--until-idle")


def test_every_billable_order_becomes_one_xml_file_over_sftp(
    tmp_path: Path, postgres_url: str, broker_url: str, sshd: Sshd, traffic: Traffic
) -> None:
    """Generic Filesystem: one file an order once it is billable, no file for the others, and `resend` sends again.

    An order whose ref is a path or a command gets a file like all others, in the same folder.
    """
    traffic = with_hostile_refs(traffic)
    key = tmp_path / "key"
    key.write_text(sshd.private_key)
    integration = {"kind": "generic_filesystem", "settings": sftp_to(sshd, "due/orders"), "secrets": {"private_key": f"file:{key}"}}
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        do_the_day(fleet, broker_url, traffic)

        files = sorted((sshd.files / "due/orders").iterdir())
        refs = {etree.parse(file).findtext("order/ref") for file in files}
        assert traffic.eligible == refs
        assert len(files) == len(traffic.eligible)
        deliveries = fleet.ask_all("deliveries", "list", key="deliveries")
        assert {delivery["state"] for delivery in deliveries} == {"delivered"}
        assert {delivery["subject"] for delivery in deliveries} == {"order"}
        assert len(fleet.ask_all("quarantine", "list", key="quarantine")) == traffic.broken
        assert [path.name for path in (sshd.files / "due").iterdir()] == ["orders"]
        fleet.run("deliveries", "resend", deliveries[0]["id"], "--reason", "the partner lost it", "--yes")
        fleet.run("worker", "--until-idle")
        assert len(list((sshd.files / "due/orders").iterdir())) == len(files) + 1
        assert fleet.ask("verify")["ok"]


def test_every_invoice_becomes_one_xml_file_where_documents_are_asked_for(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic
) -> None:
    """`document: invoice`, into a folder of this machine."""
    drop = tmp_path / "drop"
    integration = {"kind": "generic_filesystem", "settings": {"fs_type": "local", "fs_root": str(drop), "document": "invoice"}}
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        do_the_day(fleet, broker_url, traffic)

        invoices = fleet.ask_all("invoices", "list", key="invoices")
        assert len(list(drop.iterdir())) == len(invoices) > 0
        assert fleet.ask("verify")["ok"]


def test_every_invoice_becomes_rows_for_sage(tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic) -> None:
    """Sage CSV: the rows of a file add up to its invoice."""
    drop = tmp_path / "drop"
    settings = {
        "fs_type": "local",
        "fs_root": str(drop),
        "account_number": "SHOP01",
        "shipping_nominal_code": "4905",
        "default_nominal_code": "4000",
    }
    with fleet_with(tmp_path, postgres_url, broker_url, {"kind": "sage_csv", "settings": settings}) as fleet:
        do_the_day(fleet, broker_url, traffic)

        invoices = fleet.ask_all("invoices", "list", key="invoices")
        files = list(drop.iterdir())
        assert len(files) == len(invoices) > 0
        rows = [row for file in files for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))]
        assert any("SHOP01" in row for row in rows)
        assert any("4905" in row for row in rows)


@pytest.mark.parametrize("wrong", ["host key", "password"])
def test_a_changed_host_key_or_a_wrong_password_stops_the_lane_and_says_so(
    tmp_path: Path, postgres_url: str, broker_url: str, sshd: Sshd, traffic: Traffic, wrong: str
) -> None:
    """Nothing is sent to a server that is not the one that was pinned, or that lets nobody in; once it is right again, all goes."""
    key, password = tmp_path / "key", tmp_path / "password"
    key.write_text(sshd.private_key)
    password.write_text("of-somebody-else")
    right = {"kind": "generic_filesystem", "settings": sftp_to(sshd, "pinned"), "secrets": {"private_key": f"file:{key}"}}
    if wrong == "password":
        integration = {**right, "secrets": {"password": f"file:{password}"}}
        words = f"refused the password (Authentication failed.) of '{sshd.username}'"
    else:
        integration = {**right, "settings": {**sftp_to(sshd, "pinned"), "host_key": fingerprint(b"the key of another server")}}
        words = f"shows the host key {sshd.fingerprint()}, but "
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        do_the_day(fleet, broker_url, traffic)

        waiting = fleet.ask_all("deliveries", "list", key="deliveries")
        assert {delivery["state"] for delivery in waiting} == {"pending"}
        assert all(words in delivery["last_error"] for delivery in waiting)
        assert not any("of-somebody-else" in str(delivery) for delivery in waiting)
        declared = yaml.safe_load((tmp_path / "shops.yaml").read_text())
        for company in declared["companies"]:
            company["integrations"] = [right]
        (tmp_path / "shops.yaml").write_text(yaml.safe_dump(declared))
        fleet.run("apply", "-f", "shops.yaml", "--yes")
        fleet.run("worker", "--until-idle")
        assert {row["state"] for row in fleet.ask_all("deliveries", "list", key="deliveries")} == {"delivered"}


def test_a_private_address_is_refused_unless_the_operator_allows_it(
    tmp_path: Path, postgres_url: str, broker_url: str, sshd: Sshd, traffic: Traffic
) -> None:
    """Nobody's settings reach into the operator's own network."""
    key = tmp_path / "key"
    key.write_text(sshd.private_key)
    integration = {"kind": "generic_filesystem", "settings": sftp_to(sshd, "inside"), "secrets": {"private_key": f"file:{key}"}}
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_ALLOWED_NETWORKS="") as fleet:
        do_the_day(fleet, broker_url, traffic)

        waiting = fleet.ask_all("deliveries", "list", key="deliveries")
        assert {delivery["state"] for delivery in waiting} == {"pending"}
        assert all("BILLHOOK_ALLOWED_NETWORKS" in delivery["last_error"] for delivery in waiting)
        assert not (sshd.files / "inside").exists()
