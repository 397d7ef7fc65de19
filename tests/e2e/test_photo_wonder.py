"""Photo Wonder end to end: a message on RabbitMQ becomes a file on OpenSSH and a mail about it, each once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.e2e.fleet import Fleet
from tests.e2e.test_file_drop_faults import work_until_delivered
from tests.e2e.test_file_drops import do_the_day, fleet_with, sftp_to
from tests.e2e.traffic import Traffic, make_traffic
from tests.services.mail_catcher import CaughtMail, MailCatcher
from tests.services.sshd import Sshd

LATER = "451 4.3.0 Try again later"
UNHEARD_OF = "550 5.1.1 No such user"


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def traffic() -> Traffic:
    return make_traffic(messages=20, orders=8, broken=1, seed=11)


def photo_wonder(sshd: Sshd, folder: str, key: Path) -> dict[str, Any]:
    """The integration, with the settings of the seed."""
    key.write_text(sshd.private_key)
    settings = {
        "email_from": "accounts@acme.example",
        "email_bcc": "books@photo.example,archive@acme.example",
        "subject_template": "Order {{ order.ref }} in {{ file.name }}",
        "html_template": "<p>{{ company.name }}: {{ order.currency }} {{ order.total }}</p>",
        "errors_to": "ops@acme.example",
    }
    return {"kind": "photo_wonder", "settings": sftp_to(sshd, folder, **settings), "secrets": {"private_key": f"file:{key}"}}


def mails_about_orders(catcher: MailCatcher) -> list[CaughtMail]:
    """All but those about problems."""
    return [mail for mail in catcher.mails if mail.message["Message-ID"].startswith("<dlv-")]


def states(fleet: Fleet) -> list[str]:
    """Of all deliveries."""
    return [delivery["state"] for delivery in fleet.ask_all("deliveries", "list", key="deliveries")]


def take_away(folder: Path) -> list[Path]:
    """As a partner that removes each file it has read; returns what was there."""
    files = sorted(folder.iterdir())
    for file in files:
        file.unlink()
    return files


def test_every_billable_order_becomes_a_file_and_a_mail_that_names_it(
    tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher, sshd: Sshd, traffic: Traffic
) -> None:
    """One delivery an order, with a step that is shown."""
    integration = photo_wonder(sshd, "both", tmp_path / "key")
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        do_the_day(fleet, broker_url, traffic)

        files = sorted((sshd.files / "both").iterdir())
        assert traffic.eligible == {etree.parse(file).findtext("order/ref") for file in files}
        named = {(mail.subject, mail.envelope_to) for mail in mails_about_orders(mail_catcher)}
        recipients = ("books@photo.example", "archive@acme.example")
        assert named == {(f"Order {etree.parse(file).findtext('order/ref')} in {file.name}", recipients) for file in files}
        assert len(mails_about_orders(mail_catcher)) == len(files)
        assert all(mail.attachments() == {} for mail in mail_catcher.mails)
        deliveries = fleet.ask_all("deliveries", "list", key="deliveries")
        assert {(delivery["state"], delivery["subject"]) for delivery in deliveries} == {("delivered", "order")}
        [step] = fleet.ask("deliveries", "show", deliveries[0]["id"])["steps"]
        assert step["step"] == "uploaded"
        assert Path(step["remote_id"]) in files
        assert fleet.ask("verify")["ok"]


def test_while_the_mail_server_refuses_no_file_goes_a_second_time(
    tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher, sshd: Sshd, traffic: Traffic
) -> None:
    """The partner takes the files at once, so that a second upload would show; each mail comes once when the server is well."""
    folder = sshd.files / "slow"
    mail_catcher.reply("RCPT", *[LATER] * 2 * len(traffic.eligible))
    integration = photo_wonder(sshd, "slow", tmp_path / "key")
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        do_the_day(fleet, broker_url, traffic)
        assert set(states(fleet)) == {"waiting"}
        assert mail_catcher.mails == []
        assert len(take_away(folder)) == len(traffic.eligible)

        work_until_delivered(fleet, postgres_url)

        assert list(folder.iterdir()) == []
        subjects = [mail.subject for mail in mails_about_orders(mail_catcher)]
        assert len(subjects) == len(set(subjects)) == len(traffic.eligible)
        assert fleet.ask("verify")["ok"]


def test_while_the_mail_server_is_away_the_lane_waits_and_then_both_go(
    tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher, sshd: Sshd, traffic: Traffic
) -> None:
    """No file without its mail to follow."""
    mail_catcher.stop()
    integration = photo_wonder(sshd, "away", tmp_path / "key")
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        do_the_day(fleet, broker_url, traffic)
        waiting = fleet.ask_all("deliveries", "list", key="deliveries")
        assert {delivery["state"] for delivery in waiting} == {"pending"}
        assert all("cannot be reached" in delivery["last_error"] for delivery in waiting)
        assert not (sshd.files / "away").exists()

        mail_catcher.start()
        work_until_delivered(fleet, postgres_url)

        assert len(list((sshd.files / "away").iterdir())) == len(mails_about_orders(mail_catcher)) == len(traffic.eligible)


def test_a_mail_that_is_refused_is_told_to_errors_to_and_its_retry_uploads_nothing(
    tmp_path: Path, postgres_url: str, broker_url: str, mail_catcher: MailCatcher, sshd: Sshd, traffic: Traffic
) -> None:
    """One order waits for a person; the others go on."""
    folder = sshd.files / "refused"
    mail_catcher.reply("RCPT", UNHEARD_OF)
    integration = photo_wonder(sshd, "refused", tmp_path / "key")
    with fleet_with(tmp_path, postgres_url, broker_url, integration, BILLHOOK_SMTP_URL=mail_catcher.url()) as fleet:
        do_the_day(fleet, broker_url, traffic)
        [refused] = fleet.ask_all("deliveries", "list", "--state", "needs_human", key="deliveries")
        assert "No such user" in refused["last_error"]
        assert "email_bcc" in refused["next_step"]
        fleet.run("scheduler", "--until-idle")
        [alert] = [mail for mail in mail_catcher.mails if mail.envelope_to == ("ops@acme.example",)]
        assert refused["id"] in alert.message.get_body().get_content()  # type: ignore[union-attr]
        assert len(take_away(folder)) == len(traffic.eligible)

        fleet.run("deliveries", "retry", refused["id"], "--reason", "mailbox made", "--yes")
        fleet.run("worker", "--until-idle")

        assert set(states(fleet)) == {"delivered"}
        assert list(folder.iterdir()) == []
        assert len(mails_about_orders(mail_catcher)) == len(traffic.eligible)
