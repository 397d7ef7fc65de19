"""An intake whose store lets it wait: PostgreSQL, with statements that take seconds."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from sqlalchemy import Engine, text

from adapters.messaging.intake_consumer import IntakeConsumer
from adapters.persistence.engine import make_engine
from adapters.persistence.waiting import while_waiting
from application.ports.quarantine import IncomingMessage
from tests.integration.messaging.support import Accepted, RecordingTelemetry, Running, bodies, declare, publish
from tests.services.process import wait_until
from tests.services.rabbitmq import RabbitServer

Accept = Callable[[Sequence[IncomingMessage]], None]


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = make_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE accepted (body text NOT NULL)"))
    yield engine
    engine.dispose()


def slow(engine: Engine, seconds: float, accepted: Accept, batch: Sequence[IncomingMessage]) -> None:
    """A use case whose statement takes long; the transaction keeps what it was given."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO accepted VALUES (:body)"), [{"body": message.body.decode()} for message in batch])
        connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
    accepted(batch)


def stored(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        return [body.encode() for body in connection.execute(text("SELECT body FROM accepted")).scalars()]


def test_heartbeats_are_answered_while_a_batch_takes_long(engine: Engine, broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The broker drops a silent connection after two seconds here; the batch takes four."""
    declare(broker_url)
    publish(broker_url, bodies(2))
    accepted = Accepted()
    beats: list[None] = []

    consumer = IntakeConsumer(
        f"{broker_url}?heartbeat=1",
        partial(slow, engine, 4, accepted),
        telemetry,
        while_waiting=while_waiting,
        on_beat=lambda: beats.append(None),
        linger_s=0.5,
    )
    stats = consumer.run(threading.Event(), until_idle=True)

    assert stats.connections == 1
    assert accepted.bodies == bodies(2)
    assert len(beats) > 10


def test_the_next_messages_are_read_meanwhile_and_come_in_their_order(
    engine: Engine, broker_url: str, telemetry: RecordingTelemetry
) -> None:
    """While the first batch sleeps, a batch more is received and read; all are accepted once, as they were sent."""
    declare(broker_url)
    publish(broker_url, bodies(60))
    accepted, read = Accepted(), 0
    read_at_the_end: list[int] = []

    def note(message: IncomingMessage) -> IncomingMessage:
        nonlocal read
        read += 1
        return message

    def accept(batch: Sequence[IncomingMessage]) -> None:
        slow(engine, 0.5, accepted, batch)
        read_at_the_end.append(read)

    consumer = IntakeConsumer(broker_url, accept, telemetry, batch_size=20, read=note, while_waiting=while_waiting)
    stats = consumer.run(threading.Event(), until_idle=True)

    assert accepted.bodies == bodies(60)
    assert read_at_the_end[1] == sum(accepted.batches[:2]) + min(20, 60 - sum(accepted.batches[:2]))
    assert (read, stats.accepted, stats.put_back) == (60, 60, 0)


def test_a_connection_lost_while_the_store_works_only_costs_a_redelivery(
    broker_server: RabbitServer, engine: Engine, broker_url: str, telemetry: RecordingTelemetry
) -> None:
    """The batch is committed, then its tags are void; what comes again comes one by one."""
    declare(broker_url)
    publish(broker_url, bodies(5))
    accepted, began = Accepted(), threading.Event()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        began.set()
        slow(engine, 0 if accepted.bodies else 6, accepted, batch)

    consumer = IntakeConsumer(broker_url, accept, telemetry, pause_s_max=0.2, linger_s=1, while_waiting=while_waiting)
    with Running(consumer, until_idle=True) as running:
        assert began.wait(30)
        wait_until(broker_server.drop_connections, "the broker to list and drop the connection", timeout_s=30, every_s=0.5)
        stats = running.result()

    first = accepted.batches[0]
    assert "intake.connection_lost" in telemetry.names()
    assert sorted(stored(engine)) == sorted(bodies(first) + bodies(5))
    assert accepted.bodies[:first] == bodies(first)
    assert sorted(accepted.bodies[first:]) == sorted(bodies(5))
    assert stats.connections == 2


def test_a_fault_beside_the_store_is_told_once_the_batch_is_stored(engine: Engine, broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Raised at once it would leave the statement half done. The process ends, and the messages come again."""
    declare(broker_url)
    publish(broker_url, bodies(3))
    accepted, began = Accepted(), threading.Event()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        began.set()
        slow(engine, 1, accepted, batch)

    def beat() -> None:
        if began.is_set() and not accepted.bodies:
            raise OSError("the disk is full")

    consumer = IntakeConsumer(broker_url, accept, telemetry, linger_s=1, while_waiting=while_waiting, on_beat=beat)
    with Running(consumer, until_idle=True) as running, pytest.raises(OSError, match="the disk is full"):
        running.result()

    assert stored(engine) == bodies(accepted.batches[0])
