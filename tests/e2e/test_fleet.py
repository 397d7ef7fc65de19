"""The whole fleet under a bad day: ten thousand messages, a worker killed, the broker restarted; the invariants hold."""

import secrets
import threading
from collections import Counter
from pathlib import Path

import pika
import psycopg
import pytest
import yaml

from tests.e2e.fleet import Fleet, fleet_in, wait_until
from tests.e2e.traffic import Traffic, configuration, make_traffic

MESSAGES = 10_000
ORDERS = 2_500
BROKEN = 120
DRAIN_S = 600


@pytest.mark.timeout(1500)
def test_a_fleet_invoices_and_mails_every_eligible_order_once_through_a_kill_and_a_broker_restart(
    tmp_path: Path, postgres, rabbitmq, mail_catcher
) -> None:
    """Two intakes, two workers, two schedulers; one worker is killed and the broker restarted midway."""
    database, broker = postgres.create_database(), rabbitmq.create_vhost()
    traffic = make_traffic(MESSAGES, ORDERS, BROKEN, seed=20261121)
    settings = {
        "BILLHOOK_DATABASE_URL": database,
        "BILLHOOK_BROKER_URL": broker,
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_SMTP_URL": mail_catcher.url(),
        "BILLHOOK_LEASE_S": "10",
        "BILLHOOK_LOG_FORMAT": "json",
    }
    with fleet_in(tmp_path, settings) as fleet:
        (tmp_path / "shops.yaml").write_text(yaml.safe_dump(configuration()), encoding="utf-8")
        fleet.run("migrate")
        fleet.run("apply", "-f", "shops.yaml", "--yes")
        workers = [fleet.start(role) for role in ("worker", "worker", "intake", "intake", "scheduler", "scheduler")][:2]
        publisher = threading.Thread(target=publish, args=(broker, traffic))
        publisher.start()

        wait_until(lambda: len(mail_catcher.mails) >= 100, DRAIN_S, "the first mails came", fleet.logs)
        workers[0].kill()
        rabbitmq.restart()
        fleet.start("worker")
        publisher.join(DRAIN_S)
        wait_until(lambda: recorded(database) >= MESSAGES, DRAIN_S, f"all messages were recorded, {recorded(database)} are", fleet.logs)
        wait_until(lambda: drained(database), DRAIN_S, "everything was delivered", fleet.logs)

        settle_what_nobody_can_know(fleet, mail_catcher)
        wait_until(lambda: drained(database), DRAIN_S, "what was tried again was delivered", fleet.logs)
        check_everything(fleet, traffic, mail_catcher)
        codes = fleet.stop_all()

    assert {0} == set(codes), "a role did not stop cleanly on SIGTERM"


def publish(broker: str, traffic: Traffic) -> None:
    """As the order management system would: with confirms, and again where the connection broke."""
    left = list(enumerate(traffic.bodies))
    while left:
        try:
            with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
                channel = connection.channel()
                channel.confirm_delivery()
                while left:
                    number, body = left[0]
                    properties = pika.BasicProperties(message_id=f"msg-{number}", delivery_mode=2)
                    channel.basic_publish("oms", "order.updated", body, properties, mandatory=True)
                    left.pop(0)
        except (pika.exceptions.AMQPError, pika.exceptions.UnroutableError, OSError):
            # Published or not? The publisher cannot know: it publishes again, and the intake records a duplicate.
            threading.Event().wait(0.5)


def _one(database: str, query: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def recorded(database: str) -> int:
    """How many of the published messages left a trace; one published twice counts once."""
    traces = "SELECT message_id FROM order_arrivals UNION SELECT message_id FROM quarantined_messages"
    return _one(database, f"SELECT count(*) FROM ({traces}) AS traces")


def drained(database: str) -> bool:
    """No order is due, no run is open, and no delivery is on its way."""
    due = _one(database, "SELECT count(*) FROM orders WHERE decision = 'due'")
    runs = _one(database, "SELECT count(*) FROM runs WHERE state <> 'done'")
    deliveries = _one(database, "SELECT count(*) FROM deliveries WHERE state NOT IN ('delivered', 'needs_human')")
    return due + runs + deliveries == 0


def settle_what_nobody_can_know(fleet: Fleet, mail_catcher) -> None:
    """A mail handed over by the killed worker is left to a person, who looks into the mailbox: so does this one."""
    arrived = {mail.message["Message-ID"] for mail in mail_catcher.mails}
    for delivery in fleet.ask_all("deliveries", "list", "--state", "needs_human", key="deliveries"):
        number = delivery["id"].removeprefix("dlv_")
        verb = "delivered" if any(name.startswith(f"<dlv-{number}-") for name in arrived) else "retry"
        fleet.run("deliveries", verb, delivery["id"], "--reason", "looked into the mailbox", "--yes")


def check_everything(fleet: Fleet, traffic: Traffic, mail_catcher) -> None:
    """Decisions, invoices, mails and invariants, as the command line tells them."""
    orders = fleet.ask_all("orders", "list", key="orders")
    assert traffic.expected == {order["ref"]: order["decision"] for order in orders}
    invoices = fleet.ask_all("invoices", "list", key="invoices")
    invoiced = Counter(ref for invoice in invoices for ref in invoice["orders"])
    assert traffic.eligible == set(invoiced)
    assert {1} == set(invoiced.values())
    for admin_company in ("acme-print", "other-print"):
        numbers = sorted(invoice["number"] for invoice in invoices if invoice["admin_company"] == admin_company)
        assert list(range(1, len(numbers) + 1)) == numbers
    identities = [mail.message["Message-ID"] for mail in mail_catcher.mails]
    mails = Counter(identity for identity in identities if identity.startswith("<dlv-"))
    assert len(invoices) == len(mails)
    assert {1} == set(mails.values())
    quarantined = fleet.ask_all("quarantine", "list", key="quarantine")
    assert len({row["message_id"] for row in quarantined}) == traffic.broken
    report = fleet.ask("verify")
    assert report["ok"], report
