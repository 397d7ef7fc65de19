"""What the messaging tests share: an OMS that publishes, a look into queues, and a consumer in a thread."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel

from adapters.messaging.intake_consumer import IntakeConsumer, IntakeStats
from adapters.messaging.topology import INTAKE_DEAD_QUEUE, INTAKE_QUEUE, declare_intake
from application.ports.quarantine import IncomingMessage
from tests.services.process import wait_until

Result = TypeVar("Result")


class RecordingTelemetry:
    """Keeps events and problems, for tests to look at."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.problems: list[tuple[str, dict[str, object]]] = []

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))

    def problem(self, name: str, **facts: object) -> None:
        self.problems.append((name, facts))

    def names(self) -> list[str]:
        return [name for name, _ in self.problems]


class Accepted:
    """A use case that commits to a list: bodies in order, with the size of each batch."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.batches: list[int] = []
        self.messages: list[IncomingMessage] = []

    def __call__(self, batch: Sequence[IncomingMessage]) -> None:
        self.messages += batch
        self.bodies += [message.body for message in batch]
        self.batches.append(len(batch))


class Running:
    """A consumer in a thread; `stop` ends it and returns its counts, or raises what it raised."""

    def __init__(self, consumer: IntakeConsumer, *, until_idle: bool = False) -> None:
        self._stop = threading.Event()
        self._stats: IntakeStats | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(consumer, until_idle), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def ask_to_stop(self) -> None:
        self._stop.set()

    def result(self) -> IntakeStats:
        self._thread.join(60)
        if self._error is not None:
            raise self._error
        assert self._stats is not None, "the consumer did not end within 60 seconds"
        return self._stats

    def stop(self) -> IntakeStats:
        self.ask_to_stop()
        return self.result()

    def _run(self, consumer: IntakeConsumer, until_idle: bool) -> None:
        try:
            self._stats = consumer.run(self._stop, until_idle=until_idle)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self._error = error


def on_channel(url: str, act: Callable[[BlockingChannel], Result]) -> Result:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        return act(connection.channel())


def declare(url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        declare_intake(connection)


def publish(url: str, bodies: Iterable[bytes], **properties: Any) -> None:
    """As the OMS does, each message with a confirm: what this returns from is in the queue."""

    def send(channel: BlockingChannel) -> None:
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("oms", "order.created", body, pika.BasicProperties(delivery_mode=2, **properties), mandatory=True)

    on_channel(url, send)


def ready(url: str, queue: str = INTAKE_QUEUE) -> int:
    """Messages that wait in a queue."""
    return on_channel(url, lambda channel: channel.queue_declare(queue, passive=True).method.message_count)


def dead_bodies(url: str, queue: str = INTAKE_DEAD_QUEUE) -> list[bytes]:
    """Takes all messages out of a dead-letter queue."""

    def take(channel: BlockingChannel) -> list[bytes]:
        bodies = []
        while (found := channel.basic_get(queue, auto_ack=True))[0] is not None:
            bodies.append(found[2])
        return bodies

    return on_channel(url, take)


def wait_for_ready(url: str, count: int, queue: str = INTAKE_QUEUE) -> None:
    wait_until(lambda: ready(url, queue) == count, f"{count} messages in {queue}", timeout_s=30)


def intake_arguments(delivery_limit: int) -> dict[str, object]:
    """Written out once more, so that a changed argument in the source is noticed: existing queues could not follow it."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": delivery_limit,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "billhook.intake.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def declare_with_delivery_limit(url: str, limit: int) -> None:
    """An intake queue that gives up sooner than ours, so that tests need not fail 50 times."""
    on_channel(url, lambda channel: channel.queue_declare(INTAKE_QUEUE, durable=True, arguments=intake_arguments(limit)))
    declare(url)


def bodies(count: int) -> list[bytes]:
    """So many orders, told apart by their refs."""
    return [b'{"ref": "%d"}' % number for number in range(count)]
