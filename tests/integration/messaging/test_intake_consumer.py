import json
import threading
from collections.abc import Sequence

import pytest

from adapters.messaging.intake_consumer import IntakeConsumer
from adapters.messaging.topology import INTAKE_QUEUE
from application.ports.quarantine import IncomingMessage
from domain.errors import TemporaryFailure
from tests.integration.messaging.support import (
    Accepted,
    RecordingTelemetry,
    Running,
    bodies,
    dead_bodies,
    declare,
    declare_with_delivery_limit,
    on_channel,
    publish,
    ready,
    wait_for_ready,
)
from tests.services.process import wait_until
from tests.services.rabbitmq import RabbitServer


def test_until_idle_takes_everything_in_order_in_batches_and_returns(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The main path: 450 messages, at most 200 in a transaction."""
    declare(broker_url)
    publish(broker_url, bodies(450))
    accepted = Accepted()

    stats = IntakeConsumer(broker_url, accepted, telemetry).run(threading.Event(), until_idle=True)

    assert accepted.bodies == bodies(450)
    assert max(accepted.batches) == 200
    assert (stats.accepted, stats.put_back, stats.connections) == (450, 0, 1)
    assert ready(broker_url) == 0
    assert telemetry.problems == []


def test_messages_are_read_as_they_arrive_and_accepted_as_they_were_read(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Reading is done while the batch before is in the database; the use case gets what reading made of each message."""
    declare(broker_url)
    publish(broker_url, bodies(3))
    accepted: list[object] = []

    IntakeConsumer(broker_url, accepted.extend, telemetry, read=lambda message: message.body.upper()).run(
        threading.Event(), until_idle=True
    )

    assert accepted == [body.upper() for body in bodies(3)]


def test_a_message_that_cannot_be_read_ahead_is_handed_over_as_it_came(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """A fault in reading must not end the subscription: the use case meets it again, and there it counts against one message."""
    declare(broker_url)
    publish(broker_url, bodies(2))
    accepted = Accepted()

    def read(message: IncomingMessage) -> object:
        if message.body == bodies(2)[1]:
            raise RuntimeError("a fault nobody thought of")
        return message

    stats = IntakeConsumer(broker_url, accepted, telemetry, read=read).run(threading.Event(), until_idle=True)

    assert accepted.bodies == bodies(2)
    assert (stats.accepted, stats.connections) == (2, 1)


def test_on_a_broker_without_any_queue_the_intake_makes_what_it_needs(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The OMS may start after us."""
    accepted = Accepted()

    with Running(IntakeConsumer(broker_url, accepted, telemetry)):
        wait_until(lambda: telemetry.events, "the connection")
        publish(broker_url, [b"{}"])
        wait_until(lambda: accepted.bodies, "the message")

    assert ready(broker_url) == 0


def test_properties_and_headers_come_with_the_message(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Headers as text, for people to read in the quarantine."""
    declare(broker_url)
    publish(broker_url, [b"{}"], message_id="m-1", type="kornit.order", headers={"retries": 3, "tags": ["a"], "long": "x" * 5000})
    accepted = Accepted()

    IntakeConsumer(broker_url, accepted, telemetry).run(threading.Event(), until_idle=True)

    message = accepted.messages[0]
    assert (message.message_id, message.type, message.routing_key, message.origin) == ("m-1", "kornit.order", "order.created", "amqp")
    assert message.headers["retries"] == "3"
    assert message.headers["tags"] == "['a']"
    assert len(message.headers["long"]) == 1000
    assert (message.size, message.sha256) == (None, None)


def test_a_message_that_looks_like_a_dramatiq_envelope_is_only_data(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Nothing on the intake is ever executed: the use case gets the bytes and will find that it is no order."""
    envelope = {"queue_name": "billhook.delivery", "actor_name": "drain_lane.v1", "args": ["777/xero"], "kwargs": {}, "options": {}}
    declare(broker_url)
    publish(broker_url, [json.dumps({**envelope, "message_id": "x", "message_timestamp": 1}).encode()])
    accepted = Accepted()

    IntakeConsumer(broker_url, accepted, telemetry).run(threading.Event(), until_idle=True)

    assert json.loads(accepted.bodies[0])["actor_name"] == "drain_lane.v1"


def test_an_empty_body_and_bytes_that_are_no_text_come_through(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Whatever it is, the use case decides."""
    declare(broker_url)
    publish(broker_url, [b"", b"\xff\x00", b"{}"])
    accepted = Accepted()

    IntakeConsumer(broker_url, accepted, telemetry).run(threading.Event(), until_idle=True)

    assert accepted.bodies == [b"", b"\xff\x00", b"{}"]


def test_a_temporary_failure_keeps_the_batch_and_tries_it_again(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The database is away for a moment: nothing goes back to the broker, so nothing counts against the delivery limit."""
    declare(broker_url)
    publish(broker_url, bodies(50))
    accepted, failures = Accepted(), iter(range(3))

    def accept(batch: Sequence[IncomingMessage]) -> None:
        if next(failures, None) is not None:
            raise TemporaryFailure("The database is away.")
        accepted(batch)

    stats = IntakeConsumer(broker_url, accept, telemetry).run(threading.Event(), until_idle=True)

    assert accepted.bodies == bodies(50)
    assert (stats.retried, stats.put_back, stats.connections) == (3, 0, 1)
    assert all("x-delivery-count" not in message.headers for message in accepted.messages)


def test_until_idle_gives_up_where_the_use_case_cannot_work(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """A command must end and say so; the messages stay in the queue."""
    declare(broker_url)
    publish(broker_url, bodies(3))

    def accept(_: Sequence[IncomingMessage]) -> None:
        raise TemporaryFailure("The database is away.")

    with pytest.raises(TemporaryFailure, match="database is away"):
        IntakeConsumer(broker_url, accept, telemetry, pause_s_max=0.1, patience_s=0.5).run(threading.Event(), until_idle=True)

    wait_for_ready(broker_url, 3)


def test_until_idle_gives_up_where_the_broker_is_away(telemetry: RecordingTelemetry) -> None:
    """Nothing listens on port 1."""
    consumer = IntakeConsumer("amqp://guest:guest@127.0.0.1:1/", Accepted(), telemetry, patience_s=0.5)

    with pytest.raises(TemporaryFailure, match="broker"):
        consumer.run(threading.Event(), until_idle=True)


def test_a_wrong_password_is_reported_and_tried_again(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The operator may be changing it right now; the beat goes on."""
    beats: list[None] = []
    wrong = broker_url.replace("billhook:", "nobody:")

    with Running(IntakeConsumer(wrong, Accepted(), telemetry, pause_s_max=0.1, on_beat=lambda: beats.append(None))) as running:
        wait_until(lambda: telemetry.names().count("intake.connection_lost") > 1 and beats, "a second try")
        stats = running.stop()

    assert stats.connections == 0
    told = telemetry.problems[0][1]
    assert "ACCESS_REFUSED" in str(told["reason"])
    assert str(told["next_step"]).startswith("Correct user, password and virtual host in BILLHOOK_BROKER_URL")


def test_one_bad_body_takes_no_other_message_with_it(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """It fails alone until the delivery limit, is dead-lettered, and the 49 others are accepted, each once."""
    declare_with_delivery_limit(broker_url, 3)
    sent = [*bodies(30), b"poison", *bodies(49)[30:]]
    publish(broker_url, sent)
    accepted = Accepted()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        if any(message.body == b"poison" for message in batch):
            raise ValueError("nobody thought of this")
        accepted(batch)

    stats = IntakeConsumer(broker_url, accept, telemetry, pause_s_max=0.02).run(threading.Event(), until_idle=True)

    assert sorted(accepted.bodies) == sorted(bodies(49))
    assert stats.put_back == 4
    wait_for_ready(broker_url, 1, "billhook.intake.dead")
    assert dead_bodies(broker_url) == [b"poison"]
    assert "nobody thought of this" in str(telemetry.problems[-1][1]["error"])


def test_a_bug_that_hits_every_message_does_not_empty_the_queue_into_the_dead_letters(
    broker_url: str, telemetry: RecordingTelemetry
) -> None:
    """Pauses grow while nothing succeeds, so a mistake that is mended within minutes costs no message."""
    declare_with_delivery_limit(broker_url, 20)
    publish(broker_url, bodies(100))
    mended = threading.Event()
    accepted = Accepted()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        if not mended.is_set():
            raise RuntimeError("a column is missing")
        accepted(batch)

    with Running(IntakeConsumer(broker_url, accept, telemetry), until_idle=True) as running:
        wait_until(lambda: len(telemetry.problems) >= 4, "some failures")
        mended.set()
        running.result()

    assert sorted(accepted.bodies) == sorted(bodies(100))
    assert dead_bodies(broker_url) == []


def test_a_batch_ends_at_its_bytes_too(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Forty messages of 1 MB come four at a time."""
    declare(broker_url)
    publish(broker_url, [b"x" * 1_000_000] * 40)
    sizes: list[int] = []

    def accept(batch: Sequence[IncomingMessage]) -> None:
        sizes.append(sum(len(message.body) for message in batch))

    stats = IntakeConsumer(broker_url, accept, telemetry, batch_bytes=4_000_000).run(threading.Event(), until_idle=True)

    assert stats.accepted == 40
    assert max(sizes) <= 4_000_000


def test_told_to_stop_it_finishes_the_batch_and_gives_the_rest_back(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Two batches are in our hands: the one that has begun is committed and acknowledged, the other goes back."""
    declare(broker_url)
    publish(broker_url, bodies(100))
    began, go_on = threading.Event(), threading.Event()
    accepted = Accepted()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        began.set()
        go_on.wait(30)
        accepted(batch)

    with Running(IntakeConsumer(broker_url, accept, telemetry, batch_size=10)) as running:
        assert began.wait(30)
        running.ask_to_stop()
        go_on.set()
        stats = running.result()

    assert accepted.bodies == bodies(10)
    assert stats.accepted == 10
    wait_for_ready(broker_url, 90)


def test_a_queue_deleted_while_it_runs_is_made_again(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """What was in it is gone with it, as the operator wished; what comes afterwards is read."""
    accepted = Accepted()

    with Running(IntakeConsumer(broker_url, accepted, telemetry, pause_s_max=0.2)) as running:
        wait_until(lambda: len(telemetry.events) == 1, "the first connection")
        on_channel(broker_url, lambda channel: channel.queue_delete(INTAKE_QUEUE))
        wait_until(lambda: len(telemetry.events) == 2, "the second connection")
        publish(broker_url, [b"{}"])
        wait_until(lambda: accepted.bodies, "the message")
        stats = running.stop()

    assert stats.connections == 2
    assert telemetry.names() == ["intake.connection_lost"]


def test_a_broker_killed_in_the_middle_of_5000_messages_loses_none(
    broker_server: RabbitServer, broker_url: str, telemetry: RecordingTelemetry
) -> None:
    """What was accepted and not acknowledged comes again; the inbox, here a set, knows it."""
    declare(broker_url)
    publish(broker_url, bodies(5000))
    accepted, enough, go_on = Accepted(), threading.Event(), threading.Event()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        accepted(batch)
        if len(accepted.bodies) > 1000 and not go_on.is_set():
            enough.set()
            go_on.wait(60)

    with Running(IntakeConsumer(broker_url, accept, telemetry, pause_s_max=0.5)) as running:
        assert enough.wait(60)
        broker_server.kill()
        go_on.set()
        wait_until(lambda: "intake.connection_lost" in telemetry.names(), "the loss to be noticed")
        broker_server.start()
        wait_until(lambda: len(set(accepted.bodies)) == 5000, "all messages", timeout_s=60)
        stats = running.stop()

    assert set(accepted.bodies) == set(bodies(5000))
    assert 5000 < len(accepted.bodies) <= 5400
    assert stats.connections == 2
    assert ready(broker_url) == 0


def test_a_connection_lost_under_a_batch_only_costs_a_redelivery(
    broker_server: RabbitServer, broker_url: str, telemetry: RecordingTelemetry
) -> None:
    """The batch is finished first, then its tags are void; what comes again comes one by one."""
    declare(broker_url)
    publish(broker_url, bodies(20))
    accepted, began, go_on = Accepted(), threading.Event(), threading.Event()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        accepted(batch)
        began.set()
        go_on.wait(60)

    with Running(IntakeConsumer(broker_url, accept, telemetry, pause_s_max=0.2), until_idle=True) as running:
        assert began.wait(30)
        wait_until(broker_server.drop_connections, "the broker to list and drop the connection", timeout_s=30, every_s=0.5)
        go_on.set()
        stats = running.result()

    assert accepted.bodies[:20] == bodies(20)
    assert sorted(accepted.bodies[20:]) == sorted(bodies(20))
    assert accepted.batches[1:] == [1] * 20
    assert stats.accepted == 20
