"""One connection's subscription to the intake queue: what was delivered and is not taken yet, and the way to settle it.

Void after any error: delivery tags die with the channel, so the owner drops it with all it holds and opens another. The
broker delivers again what was not acknowledged.
"""

import contextlib
import select
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, AuthenticationError, ProbableAccessDeniedError, ProbableAuthenticationError
from pika.spec import Basic

from adapters.messaging.connection import connection_parameters
from adapters.messaging.intake_deliveries import connect, consume, socket_of, take_whole
from adapters.messaging.large_bodies import CutBody, cut_large_bodies
from adapters.messaging.topology import INTAKE_QUEUE, declare_intake
from application.ports.quarantine import IncomingMessage

# Seconds between two looks at the socket while memory is full. A look reads at most 100 KB and answers heartbeats.
_LOOK_AWAY_S = 2.0
_HEADER_LENGTH_MAX = 1_000
_LET_IN = "Correct user, password and virtual host in BILLHOOK_BROKER_URL and start the intake again; `billhook doctor` tries them."


class SubscriptionLost(Exception):
    """There is no subscription (any more): broker away, queue deleted, consumer timeout, wrong password, not permitted."""

    def __init__(self, reason: str, next_step: str = "Nothing: it reconnects by itself.") -> None:
        super().__init__(reason)
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much is taken at once: ``count`` messages or ``size`` bytes; a body longer than ``body_size`` bytes is cut."""

    count: int
    size: int
    body_size: int

    @property
    def prefetch(self) -> int:
        """One batch is being accepted while the next one arrives."""
        return 2 * self.count


@dataclass(slots=True)
class Delivered:
    """A message in our hands. ``tag`` settles it; ``redelivered`` tells that somebody had it before and did not settle it.

    ``read`` is where its owner may keep what reading made of the message.
    """

    tag: int
    redelivered: bool
    message: IncomingMessage
    read: object = None


class IntakeSubscription:
    """Holds at most ``limits.prefetch`` messages, and reads no further once ``limits.size`` bytes wait to be taken.

    Every method but `close` raises SubscriptionLost where it is over. ``differences`` are the broker's words about
    queues that are not as we declare them.

    It begins with one message at a time: had a process died of a message, that message comes first, flagged as redelivered,
    and no other is counted with it against the delivery limit. The first fresh message opens the flow.
    """

    def __init__(self, url: str, limits: BatchLimits) -> None:
        self._limits = limits
        self._waiting: deque[Delivered] = deque()
        self._waiting_size = 0
        self._singles_left = limits.prefetch
        self._careful = True
        self._cancelled = False
        # Of the questions that end the flow; None while it goes on.
        self._unanswered: int | None = None
        self._looked_at = 0.0
        with _losses():
            self._connection = connect(connection_parameters(url, "intake"))
        try:
            self._subscribe()
        except BaseException:
            self.close()
            raise

    def _subscribe(self) -> None:
        with _losses():
            self.differences = declare_intake(self._connection)
            self._channel: BlockingChannel = self._connection.channel()
            cut_large_bodies(self._channel, self._limits.body_size)
            take_whole(self._channel, self._limits.body_size)
            self._consumer_tag = self._consume(prefetch=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back all that is not settled. Never raises."""
        with contextlib.suppress(SubscriptionLost), _losses():
            if self._connection.is_open:
                self._connection.close()

    def pump(self, time_limit_s: float) -> None:
        """Read what came, answer heartbeats, wait at most so long for more."""
        if self._waiting_size >= self._limits.size:
            time.sleep(time_limit_s)
            if time.monotonic() - self._looked_at < _LOOK_AWAY_S:
                return
            time_limit_s = 0
        self._read_on(time_limit_s)
        if self._careful and self._unanswered is None and self._waiting and (self._singles_left == 0 or not self._waiting[0].redelivered):
            self._open_flow()

    def pump_beside(self, descriptor: int, events: int, time_limit_s: float) -> bool:
        """Read what came, or comes within the time, unless one of the events comes on another file descriptor first.

        False where nothing came, or memory is full.
        """
        if self._waiting_size >= self._limits.size or not self._connection.is_open:
            self.pump(0)
            return False
        both = select.poll()
        both.register(descriptor, events)
        both.register(socket_of(self._connection), select.POLLIN)
        ready = {each for each, _ in both.poll(time_limit_s * 1000)}
        if descriptor not in ready:
            self.pump(0)
        return bool(ready)

    def _read_on(self, time_limit_s: float) -> None:
        self._looked_at = time.monotonic()
        with _losses():
            self._connection.process_data_events(time_limit_s)
        if self._cancelled or not self._channel.is_open:
            raise SubscriptionLost("The broker took the subscription away.")

    def full(self) -> bool:
        """Whether waiting longer would not make the next batch larger."""
        if not self._waiting:
            return False
        return self._waiting[0].redelivered or len(self._waiting) >= self._limits.count or self._waiting_size >= self._limits.size

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self, first: int, count: int) -> list[Delivered]:
        """So many of those that wait to be taken, from the oldest but ``first`` on."""
        return [self._waiting[place] for place in range(first, min(first + count, len(self._waiting)))]

    def take(self) -> list[Delivered]:
        """The next batch, oldest first. A redelivered message comes alone: it may be what somebody died of."""
        batch: list[Delivered] = []
        size = 0
        while self._waiting and len(batch) < self._limits.count and size < self._limits.size:
            if batch and (batch[0].redelivered or self._waiting[0].redelivered):
                break
            batch.append(self._waiting.popleft())
            size += len(batch[-1].message.body)
        self._waiting_size -= size
        if self._careful:
            self._singles_left = max(0, self._singles_left - len(batch))
        return batch

    def accepted(self, batch: list[Delivered]) -> None:
        """Acknowledge a batch in one frame. All that was taken before it must be settled."""
        with _losses():
            self._channel.basic_ack(batch[-1].tag, multiple=True)

    def refused(self, delivered: Delivered) -> None:
        """Put a message back, counted against the delivery limit (reject, because RabbitMQ 4.3 does not count nack)."""
        with _losses():
            self._channel.basic_reject(delivered.tag, requeue=True)

    def drained(self) -> bool:
        """Whether nothing waits here or in the queue, nor is on its way from there to here, however long it takes.

        The queue is asked twice. Its first answer may overtake what it sent us before: the broker's channel waits for that answer
        alone. What was sent before the first answer stands in the channel before the second question, though, and comes before the
        second answer; then it has arrived, and is handed to us by the pump.
        """
        if any(self._ready() != 0 for _ in range(2)):
            return False
        self.pump(0)
        return not self._waiting

    def _ready(self) -> int | None:
        """How many wait in the queue; None where memory is full before the answer comes, since all that was sent comes before it."""
        answers: list[int] = []
        self._ask(answers.append)
        while not answers and self._waiting_size < self._limits.size:
            self._read_on(_LOOK_AWAY_S)
        return answers[0] if answers else None

    def _ask(self, answered: Callable[[int], object]) -> None:
        """Ask how many wait in the queue. pika's own question would read all that comes before the answer, however much that is.

        The second of two questions is sent when the first one is answered: so pika does it on one channel.
        """

        def on_answer(frame: Any) -> None:
            answered(frame.method.message_count)
            self._connection.add_callback_threadsafe(_nothing)  # ends a running look at the socket

        with _losses():
            self._channel._impl.queue_declare(INTAKE_QUEUE, passive=True, callback=on_answer)  # noqa: SLF001 - see above

    def stop_flow(self) -> None:
        """Ask for no more: what was sent to us by then comes yet, at most the prefetch, until `has_stopped`.

        It is to be accepted, for what goes back counts against its delivery limit. pika's own cancel gives back what comes before the
        broker's answer to it; so the broker alone is told, and the answers to two questions say that all has come, as in `drained`.
        """
        if self._unanswered is not None:
            return
        self._unanswered = 2
        with _losses():
            self._channel._impl._send_method(Basic.Cancel(consumer_tag=self._consumer_tag, nowait=True))  # noqa: SLF001 - see above
        for _ in range(2):
            self._ask(self._count_answer)

    def _count_answer(self, _ready: int) -> None:
        self._unanswered = (self._unanswered or 0) - 1

    @property
    def has_stopped(self) -> bool:
        """Whether `stop_flow` was called, and all that came before was taken."""
        return self._unanswered == 0 and not self._waiting

    def _consume(self, prefetch: int) -> str:
        self._channel.basic_qos(prefetch_count=prefetch)
        return consume(self._channel, INTAKE_QUEUE, self._on_message, self._on_cancel)

    def _open_flow(self) -> None:
        # Nothing else is on its way: the one message that prefetch 1 allows is in our hands.
        self._careful = False
        with _losses():
            self._channel.basic_cancel(self._consumer_tag)
            self._consumer_tag = self._consume(self._limits.prefetch)

    def _on_message(self, method: Any, properties: Any, body: bytes) -> None:
        message = _incoming(method, properties, body)
        self._waiting.append(Delivered(method.delivery_tag, method.redelivered, message))
        self._waiting_size += len(body)

    def _on_cancel(self) -> None:
        self._cancelled = True


@contextlib.contextmanager
def _losses() -> Iterator[None]:
    # AssertionError: pika's answer to some calls that meet a connection which is just going down.
    try:
        yield
    except (AuthenticationError, ProbableAuthenticationError, ProbableAccessDeniedError) as error:
        raise SubscriptionLost(f"RabbitMQ let nobody in: {_last_words(error)}", _LET_IN) from error
    except (AMQPError, OSError, AssertionError) as error:
        raise SubscriptionLost(repr(error)) from error


def _last_words(error: BaseException) -> str:
    """What the broker itself said, where it said something."""
    said = error.args[0] if error.args else error
    return str(said)[:_HEADER_LENGTH_MAX]


def _incoming(method: Any, properties: Any, body: bytes) -> IncomingMessage:
    cut = body if isinstance(body, CutBody) else None
    return IncomingMessage(
        body,
        message_id=properties.message_id or "",
        type=properties.type or "",
        routing_key=method.routing_key,
        headers={str(name): str(value)[:_HEADER_LENGTH_MAX] for name, value in properties.headers.items()} if properties.headers else {},
        size=None if cut is None else cut.size,
        sha256=None if cut is None else cut.sha256,
    )


def _nothing() -> None:
    """A callback whose only effect is that the connection wakes up to run it."""
