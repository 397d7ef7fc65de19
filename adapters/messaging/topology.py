"""Our exchanges and queues: their names, how they are declared, and whether the broker has them as we expect.

Arguments of a queue can never be changed: another value needs a queue of another name. They are the same on
RabbitMQ 3.10 to 4.3, so each is explicit where the default differs between versions (docs/explanation/broker.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError, ChannelClosedByBroker

from adapters.messaging.connection import connection_parameters
from domain.errors import TemporaryFailure

OMS_EXCHANGE = "oms"
ORDER_ROUTING_KEYS = "order.#"
INTAKE_QUEUE = "billhook.intake"
INTAKE_DEAD_QUEUE = "billhook.intake.dead"
INVOICING_QUEUE = "billhook.invoicing"
DELIVERY_QUEUE = "billhook.delivery"

DELIVERY_LIMIT = 50
# For queues where being handed out again says nothing: delayed hints, and dead letters that people look at and put back.
# Not -1: RabbitMQ 3.10 takes it, and does not say what it means. And not left out: 4.0 then drops after 20.
DELIVERY_LIMIT_NEVER = 1_000_000
# Hints are sent again by a sweep, so a queue that is full may refuse them, and old dead ones may go.
HINTS_MAX = 10_000

_NOT_FOUND = 404
_DIFFERS = 406


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A durable quorum queue. ``arguments`` are AMQP arguments besides the queue type."""

    name: str
    arguments: Mapping[str, object]

    def declare(self, channel: BlockingChannel) -> object:
        """Make the queue; nothing happens where it is there. Raises ChannelClosedByBroker (406) where it differs."""
        return channel.queue_declare(self.name, durable=True, arguments={"x-queue-type": "quorum", **self.arguments})


@dataclass(frozen=True, slots=True)
class TopologyCheck:
    """What is known about one exchange or queue. ``messages`` is how many are ready, None where that means nothing."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""
    messages: int | None = None


def _dead_lettered_to(name: str) -> dict[str, object]:
    # The default exchange needs no declaration and no binding, so it cannot be missing when it is needed.
    return {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name}


def _hint_queues(name: str) -> tuple[QueueSpec, QueueSpec, QueueSpec]:
    """A Dramatiq queue with its companions: `.DQ` holds delayed messages, `.XQ` dead ones."""
    dead = f"{name}.XQ"
    full = {"x-max-length": HINTS_MAX, "x-overflow": "reject-publish"}
    return (
        QueueSpec(name, {"x-delivery-limit": DELIVERY_LIMIT, **full, **_dead_lettered_to(dead)}),
        QueueSpec(f"{name}.DQ", {"x-delivery-limit": DELIVERY_LIMIT_NEVER, **_dead_lettered_to(dead)}),
        QueueSpec(dead, {"x-delivery-limit": DELIVERY_LIMIT_NEVER, "x-max-length": HINTS_MAX}),
    )


# Dead letters of the intake are orders, so the way there is at-least-once, which asks for reject-publish; and they stay.
INTAKE_QUEUES = (
    QueueSpec(INTAKE_DEAD_QUEUE, {"x-delivery-limit": DELIVERY_LIMIT_NEVER}),
    QueueSpec(
        INTAKE_QUEUE,
        {
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            **_dead_lettered_to(INTAKE_DEAD_QUEUE),
        },
    ),
)
HINT_QUEUES = {spec.name: spec for spec in (*_hint_queues(INVOICING_QUEUE), *_hint_queues(DELIVERY_QUEUE))}


def declare_intake(connection: BlockingConnection) -> tuple[str, ...]:
    """Make what the intake needs, and tell what is there but differs (the broker's words, one line each).

    The exchange belongs to the OMS: it is looked for, and made only where it is missing, so that it does not matter which
    of the two is started first. A queue that differs is used as it is: reading orders matters more than its arguments.
    Raises pika's AMQPError where the broker is away or refuses.
    """
    missing = _refusal(connection, _find_exchange)
    if missing is not None and missing.reply_code == _NOT_FOUND:
        with connection.channel() as channel:
            _make_exchange(channel)
    refusals = [_refusal(connection, spec.declare) for spec in INTAKE_QUEUES]
    with connection.channel() as channel:
        channel.queue_bind(INTAKE_QUEUE, OMS_EXCHANGE, ORDER_ROUTING_KEYS)
    return tuple(refusal.reply_text for refusal in refusals if refusal is not None)


def check_topology(url: str) -> tuple[TopologyCheck, ...]:
    """Compare what the broker has with what we expect; nothing is made or changed.

    AMQP cannot list bindings, so that one is not checked: it is made again each time the intake connects.
    Raises TemporaryFailure where the broker does not answer.
    """
    try:
        with pika.BlockingConnection(connection_parameters(url, "doctor")) as connection:
            return (_check_exchange(connection), *(_check_queue(connection, spec) for spec in (*INTAKE_QUEUES, *HINT_QUEUES.values())))
    except (AMQPError, OSError) as error:
        raise TemporaryFailure(f"The broker does not answer: {error!r}") from error


def _check_exchange(connection: BlockingConnection) -> TopologyCheck:
    missing = _refusal(connection, _find_exchange)
    if missing is not None:
        return TopologyCheck(OMS_EXCHANGE, ok=False, detail=missing.reply_text, next_step="Start the intake once: it makes the exchange.")
    differs = _refusal(connection, _make_exchange)
    if differs is not None and differs.reply_code == _DIFFERS:
        return TopologyCheck(
            OMS_EXCHANGE, ok=False, detail=differs.reply_text, next_step="Let the OMS publish to a durable topic exchange."
        )
    return TopologyCheck(OMS_EXCHANGE, ok=True, detail="durable topic exchange" if differs is None else "there; its type may not be asked")


def _check_queue(connection: BlockingConnection, spec: QueueSpec) -> TopologyCheck:
    found: list[int] = []
    missing = _refusal(connection, lambda channel: found.append(channel.queue_declare(spec.name, passive=True).method.message_count))
    if missing is not None:
        next_step = f"Start {_maker(spec)} once: it makes {spec.name}."
        return TopologyCheck(spec.name, ok=False, detail=missing.reply_text, next_step=next_step)
    differs = _refusal(connection, spec.declare)
    if differs is not None:
        next_step = f"Empty the queue, delete it, and start {_maker(spec)} again: arguments cannot be changed."
        return TopologyCheck(spec.name, ok=False, detail=differs.reply_text, next_step=next_step, messages=found[0])
    return TopologyCheck(spec.name, ok=True, detail="durable quorum queue", messages=found[0])


def _maker(spec: QueueSpec) -> str:
    return "the intake" if spec in INTAKE_QUEUES else "a worker"


def _find_exchange(channel: BlockingChannel) -> object:
    return channel.exchange_declare(OMS_EXCHANGE, passive=True)


def _make_exchange(channel: BlockingChannel) -> object:
    return channel.exchange_declare(OMS_EXCHANGE, "topic", durable=True)


def _refusal(connection: BlockingConnection, act: Callable[[BlockingChannel], object]) -> ChannelClosedByBroker | None:
    """The broker's refusal, or None where it agreed. A channel of its own each time, because a refusal closes it."""
    try:
        with connection.channel() as channel:
            act(channel)
    except ChannelClosedByBroker as refusal:
        return refusal
    return None
