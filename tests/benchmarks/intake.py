"""Intake, from RabbitMQ into PostgreSQL, in one process; beside a consumer that writes the same bodies raw."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pika
import psycopg

from adapters.messaging.intake_consumer import IntakeConsumer
from adapters.messaging.topology import INTAKE_QUEUE, OMS_EXCHANGE, declare_intake
from entrypoints.container import intake_consumer
from entrypoints.garbage import collect_seldom
from tests.benchmarks import stage
from tests.benchmarks.apart import apart
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.orders import traffic
from tests.services.postgres import PostgresServer
from tests.services.process import wait_until
from tests.services.rabbitmq import RabbitServer

GOAL = 0.4
BATCH = 500


def measure(postgres: PostgresServer, rabbit: RabbitServer, count: int, repeats: int) -> Figure:
    """Messages a second; a fifth of them are newer versions of orders sent before."""
    bodies = list(traffic(count))
    template = postgres.template("intake", lambda url: stage.prepare(url, "501"))
    return compare(
        what="intake, RabbitMQ to PostgreSQL, one process",
        unit="messages/s",
        floor_is="a pika consumer of the same prefetch and batch size that writes the bodies raw by COPY",
        goal=GOAL,
        repeats=repeats,
        ours=lambda: _rate(postgres, template, rabbit, bodies, _accept, "order_arrivals"),
        theirs=lambda: _rate(postgres, template, rabbit, bodies, _copy_raw, "raw_messages"),
        facts={"messages": count, "batch": BATCH, "bytes_per_message": sum(map(len, bodies)) // count},
    )


def _rate(
    postgres: PostgresServer,
    template: str,
    rabbit: RabbitServer,
    bodies: Sequence[bytes],
    consume: Callable[[str, str, int], float],
    table: str,
) -> float:
    broker_url = rabbit.create_vhost()
    try:
        with stage.fresh_copy(postgres, template) as database_url:
            _publish(broker_url, bodies)
            seconds = apart(consume, broker_url, database_url, len(bodies))
            if (rows := stage.count(database_url, table)) != len(bodies):
                raise RuntimeError(f"{len(bodies)} messages became {rows} rows of {table}")
    finally:
        rabbit.delete_vhost(broker_url)
    return len(bodies) / seconds


def _publish(url: str, bodies: Sequence[bytes]) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        declare_intake(connection)
        channel = connection.channel()
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
        for body in bodies:
            channel.basic_publish(OMS_EXCHANGE, "order.updated", body, properties)
        ready = lambda: channel.queue_declare(INTAKE_QUEUE, passive=True).method.message_count  # noqa: E731 - a name for a question
        wait_until(lambda: ready() == len(bodies), f"{len(bodies)} messages in the queue")


def _accept(broker_url: str, database_url: str, count: int) -> float:
    with stage.application(database_url, broker_url=broker_url, intake_batch_size=BATCH) as billhook:
        stop = threading.Event()
        consumer = _stopping_after(count, intake_consumer(billhook, lambda: None), stop)
        collect_seldom()  # as the role does
        began = time.perf_counter()
        consumer.run(stop)
        return time.perf_counter() - began


def _stopping_after(count: int, consumer: IntakeConsumer, stop: threading.Event) -> IntakeConsumer:
    """The consumer, told to stop with its last message: the batch in hand is still committed and acknowledged."""
    left = count

    def accept(batch: Sequence[object]) -> object:
        nonlocal left
        left -= len(batch)
        if not left:
            stop.set()
        return consumer.accept(batch)

    return replace(consumer, accept=accept)


def _copy_raw(broker_url: str, database_url: str, count: int) -> float:
    with psycopg.connect(database_url) as database:
        database.execute("CREATE TABLE raw_messages (body text NOT NULL)")
        database.commit()
        began = time.perf_counter()
        with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=2 * BATCH)
            writer = _RawWriter(database, count)
            channel.basic_consume(INTAKE_QUEUE, writer)
            channel.start_consuming()
        return time.perf_counter() - began


class _RawWriter:
    """Collects a batch, writes it in one transaction, acknowledges it in one frame."""

    def __init__(self, database: psycopg.Connection, count: int) -> None:
        self._database = database
        self._left = count
        self._waiting: list[str] = []

    def __call__(self, channel: Any, method: Any, _properties: object, body: bytes) -> None:
        self._waiting.append(body.decode())
        self._left -= 1
        if len(self._waiting) < BATCH and self._left:
            return
        with self._database.cursor() as cursor, cursor.copy("COPY raw_messages (body) FROM STDIN") as copy:
            for text in self._waiting:
                copy.write_row((text,))
        self._database.commit()
        self._waiting.clear()
        channel.basic_ack(method.delivery_tag, multiple=True)
        if not self._left:
            channel.stop_consuming()
