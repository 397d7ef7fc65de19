"""File drops end to end when the partner's side fails: the right state, the right sentence, and nothing twice or half."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lxml import etree

from adapters.file_drop.place import part_name
from tests.e2e.fleet import Fleet, wait_until
from tests.e2e.test_file_drops import do_the_day, fleet_with, sftp_to
from tests.e2e.test_fleet import publish
from tests.e2e.traffic import Traffic, make_traffic, with_hostile_refs
from tests.services.fault_proxy import FaultProxy
from tests.services.ftpd import PyFtpServer, Vsftpd
from tests.services.mail_catcher import MailCatcher
from tests.services.sshd import Sshd

RETRIED_S = 240


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=20, orders=8, broken=1, seed=5)


def order_files(sshd: Sshd, key: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The integration, with the server's own key."""
    key.write_text(sshd.private_key)
    return {"kind": "generic_filesystem", "settings": settings, "secrets": {"private_key": f"file:{key}"}}


def deliveries(fleet: Fleet) -> list[dict[str, Any]]:
    """All."""
    return fleet.ask_all("deliveries", "list", key="deliveries")


def let_time_pass(database: str) -> None:
    """All that waits for its time may go on now: how long a pause is depends on how often it was tried, so on the machine."""
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE lanes SET parked_until = NULL")
        connection.execute("UPDATE deliveries SET due_at = created_at WHERE due_at IS NOT NULL")


def work_until_delivered(fleet: Fleet, database: str) -> None:
    """As a worker that runs for ever would, again and again, until everything is there."""

    def all_delivered() -> bool:
        let_time_pass(database)
        fleet.run("worker", "--until-idle")
        return {delivery["state"] for delivery in deliveries(fleet)} == {"delivered"}

    wait_until(all_delivered, RETRIED_S, "everything was delivered", fleet.logs)


def a_folder(sshd: Sshd, name: str) -> Path:
    """One that is there before the first file."""
    folder = sshd.files / name
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def take_in(fleet: Fleet, broker: str, database: str, traffic: Traffic) -> list[str]:
    """Configure and take the messages; the names that the files of the deliveries are going to have."""
    fleet.run("migrate")
    fleet.run("apply", "-f", "shops.yaml", "--yes")
    fleet.run("intake", "--until-idle")
    publish(broker, traffic)
    fleet.run("intake", "--until-idle")
    with psycopg.connect(database) as connection:
        refs: dict[int, str] = dict(connection.execute("SELECT id, ref FROM orders").fetchall())
    return [f"order-{delivery['subject_id']}-{refs[delivery['subject_id']]}.xml" for delivery in deliveries(fleet)]


def refs_in(folder: Path) -> list[str | None]:
    """The refs of the orders in the files that a partner sees."""
    return sorted(etree.parse(file).findtext("order/ref") for file in folder.iterdir() if not file.name.startswith("."))


@pytest.mark.parametrize("server", ["vsftpd", "ftps", "ftp"])
def test_every_billable_order_becomes_one_xml_file_over_ftp(
    tmp_path: Path, postgres_url: str, broker_url: str, traffic: Traffic, server: str
) -> None:
    """With TLS on vsftpd, which insists on resumed sessions, and on pyftpdlib; in clear text where that is accepted.

    A ref that is a path or a command leads nowhere else.
    """
    traffic = with_hostile_refs(traffic)
    with Vsftpd() if server == "vsftpd" else PyFtpServer(tls=server == "ftps") as ftpd:
        root = str(ftpd.files / "orders") if server == "vsftpd" else "/orders"
        settings = {"fs_type": "ftp", "host": "localhost", "port": ftpd.port, "username": ftpd.username, "fs_root": root}
        secret = tmp_path / "password"
        secret.write_text(ftpd.password)
        integration = {
            "kind": "generic_filesystem",
            "settings": {**settings, "allow_plain_ftp": server == "ftp"},
            "secrets": {"password": f"file:{secret}"},
        }
        trusted = {"SSL_CERT_FILE": str(ftpd.certificates.authority)} if ftpd.certificates else {}
        allowed = {"BILLHOOK_ALLOWED_NETWORKS": "localhost,127.0.0.1"}
        with fleet_with(tmp_path, postgres_url, broker_url, integration, **allowed, **trusted) as fleet:
            do_the_day(fleet, broker_url, traffic)

            assert {delivery["state"] for delivery in deliveries(fleet)} == {"delivered"}
            assert refs_in(ftpd.files / "orders") == sorted(traffic.eligible)
            assert [path.name for path in ftpd.files.iterdir()] == ["orders"]
            assert fleet.ask("verify")["ok"]


def test_a_different_file_in_the_place_is_told_to_errors_to(
    tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher, sshd: Sshd, traffic: Traffic
) -> None:
    """Nothing is overwritten; a person has it removed, and a retry puts ours there."""
    folder = a_folder(sshd, "taken")
    integration = order_files(sshd, tmp_path / "key", sftp_to(sshd, "taken", errors_to="ops@acme.example"))
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        name = take_in(fleet, broker_url, postgres_url, traffic)[0]
        (folder / name).write_text("of somebody else")

        fleet.run("worker", "--until-idle")

        [refused] = fleet.ask_all("deliveries", "list", "--state", "needs_human", key="deliveries")
        assert name in refused["last_error"]
        assert "already there with another content" in refused["last_error"]
        assert f"deliveries retry {refused['id']}" in refused["next_step"]
        fleet.run("scheduler", "--until-idle")
        [alert] = mail_catcher.mails
        assert alert.envelope_to == ("ops@acme.example",)
        assert refused["id"] in alert.message.get_body().get_content()  # type: ignore[union-attr]
        (folder / name).unlink()
        fleet.run("deliveries", "retry", refused["id"], "--reason", "the partner removed it", "--yes")
        fleet.run("worker", "--until-idle")
        assert refs_in(folder) == sorted(traffic.eligible)


def test_a_connection_that_is_cut_parks_the_lane_and_nothing_goes_twice(
    tmp_path: Path, postgres_url: str, broker_url: str, sshd: Sshd, traffic: Traffic
) -> None:
    """In the middle of an upload, each time it is tried; once the network is well everything arrives."""
    folder = a_folder(sshd, "cut")
    with FaultProxy(sshd.port) as proxy:
        # Behind the log-in (2,700 bytes) and before the end of the smallest file (4,900), so no try gets one through.
        proxy.cut_after(up=4_000)
        settings = {**sftp_to(sshd, "cut"), "port": proxy.port}
        with fleet_with(tmp_path, postgres_url, broker_url, order_files(sshd, tmp_path / "key", settings)) as fleet:
            do_the_day(fleet, broker_url, traffic)
            waiting = deliveries(fleet)
            assert {delivery["state"] for delivery in waiting} == {"pending"}
            assert all("connection" in delivery["last_error"] for delivery in waiting)
            assert [path.name for path in folder.iterdir()] != []
            assert refs_in(folder) == []

            proxy.heal()
            work_until_delivered(fleet, postgres_url)

            assert refs_in(folder) == sorted(traffic.eligible)
            assert fleet.ask("verify")["ok"]


def test_a_full_disk_waits_and_says_so(tmp_path: Path, postgres_url: str, broker_url: str, sshd: Sshd, traffic: Traffic) -> None:
    """No half file is seen; when there is room again everything arrives. The uploads go to the device that is always full."""
    folder = a_folder(sshd, "full")
    integration = order_files(sshd, tmp_path / "key", sftp_to(sshd, "full"))
    with fleet_with(tmp_path, postgres_url, broker_url, integration) as fleet:
        for name in take_in(fleet, broker_url, postgres_url, traffic):
            (folder / part_name(name)).symlink_to("/dev/full")

        fleet.run("worker", "--until-idle")

        waiting = deliveries(fleet)
        assert {delivery["state"] for delivery in waiting} == {"waiting"}
        assert all("its disk, or our share of it, may be full" in delivery["last_error"] for delivery in waiting)
        assert list(folder.iterdir()) == []
        work_until_delivered(fleet, postgres_url)
        assert refs_in(folder) == sorted(traffic.eligible)
