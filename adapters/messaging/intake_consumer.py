"""The intake: order messages from RabbitMQ, a batch at a time, acknowledged after the use case has committed them.

What if the process dies here? Before the commit nothing happened; between commit and acknowledgement the broker delivers
again, and the use case finds each message a duplicate. So nothing is lost, and nothing counts twice.
"""

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from adapters.messaging.intake_subscription import BatchLimits, Delivered, IntakeSubscription, SubscriptionLost
from adapters.messaging.read_ahead import ReadAhead
from adapters.messaging.topology import DELIVERY_LIMIT, INTAKE_DEAD_QUEUE
from application.ports.quarantine import IncomingMessage
from application.ports.telemetry import Telemetry
from domain.errors import TemporaryFailure

MIB = 1024 * 1024

_JITTER = random.SystemRandom()
_POLL_S = 0.25
_FIRST_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class IntakeStats:
    """Counts of one run: messages accepted (committed and acknowledged) in batches, put back, batches tried again, connections."""

    accepted: int = 0
    batches: int = 0
    put_back: int = 0
    retried: int = 0
    connections: int = 0


@dataclass(frozen=True, slots=True)
class IntakeConsumer:
    """Feeds ``accept`` from the intake queue until told to stop.

    ``accept`` gets a batch in the order of arrival, one batch at a time, and must have committed it when it returns. It raises
    TemporaryFailure where trying again later may help: the batch is kept and tried again with growing pauses, for as long as
    the broker allows (its consumer timeout; then another worker gets the batch). Any other exception is a bug or a body nobody
    thought of: the messages are then accepted one by one, and one that fails alone is put back; after ``DELIVERY_LIMIT`` times
    the broker moves it to the dead-letter queue. The pauses between such failures grow too, so that a bug that hits every
    message empties no queue.

    ``read`` is called with each message as it arrives; ``accept`` gets what it made of the message. Where it raises, ``accept`` gets
    the message itself, and fails of it there.

    There is one thread. ``while_waiting`` is a context in which ``accept`` runs: it calls what it is given whenever ``accept`` waits
    for the store, with the file descriptor and the events that it waits for. Then the next messages are read, and heartbeats answered. A
    store that waits without it must not wait for longer than the broker does (60 s without a heartbeat).

    ``batch_size`` messages or ``batch_bytes`` end a batch, or ``linger_s`` after its first message; a body over ``body_bytes_max``
    comes cut. ``pause_s_max`` bounds all pauses; ``patience_s`` is how long `run` with ``until_idle`` waits for progress before it gives
    up; ``on_beat`` is called several times a second while all is well, also while the broker or the database is away.

    ``may_go_on`` is asked at every turn, several times a second. Where it says no, what was delivered already is accepted, at most two
    batches: going back to the queue would count against its delivery limit. Then there is no connection until it says yes; with
    ``until_idle`` the run ends.
    """

    url: str
    accept: Callable[[Sequence[Any]], object]
    telemetry: Telemetry
    batch_size: int = 200
    batch_bytes: int = 8 * MIB
    body_bytes_max: int = MIB
    linger_s: float = 0.02
    pause_s_max: float = 10.0
    patience_s: float = 30.0
    on_beat: Callable[[], object] = lambda: None
    read: Callable[[IncomingMessage], object] = lambda message: message
    may_go_on: Callable[[], bool] = lambda: True
    while_waiting: Callable[[Callable[[int, int], object]], AbstractContextManager[object]] = nullcontext

    def run(self, stop: threading.Event, *, until_idle: bool = False) -> IntakeStats:
        """Consume until ``stop`` is set or, with ``until_idle``, the queue is empty and all is acknowledged.

        A batch that has begun is finished and acknowledged; what waits behind it goes back to the queue. Without ``until_idle``
        a broker or a database that is away is waited for without end; with it, TemporaryFailure is raised after ``patience_s``.
        """
        return _Run(self, stop, until_idle).serve()


class _Run:
    """One call of `IntakeConsumer.run`: what changes while it lasts."""

    def __init__(self, consumer: IntakeConsumer, stop: threading.Event, until_idle: bool) -> None:  # noqa: FBT001
        self._consumer = consumer
        self._stop = stop
        self._until_idle = until_idle
        self._limits = BatchLimits(consumer.batch_size, consumer.batch_bytes, consumer.body_bytes_max)
        self._stats = IntakeStats()
        self._progress_at = time.monotonic()
        # In a row, since the broker or the use case last did its part.
        self._losses = 0
        self._failures = 0

    def serve(self) -> IntakeStats:
        """Connect as often as needed."""
        while self._wait_until_it_may_go_on():
            try:
                with IntakeSubscription(self._consumer.url, self._limits) as subscription:
                    self._connected(subscription)
                    if self._consume(subscription, ReadAhead(subscription, self._consumer.read, self._consumer.on_beat)):
                        break
            except SubscriptionLost as loss:
                self._consumer.telemetry.problem("intake.connection_lost", reason=str(loss), next_step=loss.next_step)
                self._wait_to_reconnect(str(loss))
        return self._stats

    def _connected(self, subscription: IntakeSubscription) -> None:
        self._count(connections=1)
        self._consumer.telemetry.event("intake.connected")
        for difference in subscription.differences:
            next_step = "`billhook doctor` tells what to do; orders are read all the same."
            self._consumer.telemetry.problem("intake.queue_differs", difference=difference, next_step=next_step)

    def _wait_until_it_may_go_on(self) -> bool:
        """False where it is told to stop first, or shall not wait."""
        if not self._stop.is_set() and not self._consumer.may_go_on():
            self._consumer.telemetry.event("intake.paused", next_step="billhook pauses list")
            while not self._stop.is_set() and not self._consumer.may_go_on():
                if self._until_idle:
                    return False
                self._consumer.on_beat()
                self._stop.wait(_POLL_S)
        return not self._stop.is_set()

    def _consume(self, subscription: IntakeSubscription, ahead: ReadAhead) -> bool:
        """Whether the run is over: False where it may not go on for now."""
        quiet = 0
        while not self._stop.is_set():
            batch = self._collect(subscription, ahead)
            self._losses = 0
            if batch:
                quiet = 0
                self._settle(subscription, ahead, batch)
            else:
                self._heed_pause(subscription)
            if subscription.has_stopped:
                return False
            if not batch and self._until_idle:
                # Twice, because a message just put back is for a moment neither in the queue nor here.
                quiet = quiet + 1 if subscription.drained() else 0
                if quiet > 1:
                    return True
        return True

    def _collect(self, subscription: IntakeSubscription, ahead: ReadAhead) -> list[Delivered]:
        """The next batch: what came while the last one was accepted, or what comes within the linger. Empty after a quiet while."""
        if not len(subscription):
            self._pump(subscription, _POLL_S)
        deadline = time.monotonic() + self._consumer.linger_s
        while len(subscription) and not subscription.full() and (left_s := deadline - time.monotonic()) > 0:
            self._pump(subscription, left_s)
        return ahead.take()

    def _settle(self, subscription: IntakeSubscription, ahead: ReadAhead, batch: list[Delivered]) -> None:
        """Accept and acknowledge a batch, or put back what fails alone. Unsettled only where it is told to stop."""
        while True:
            failure = self._attempt(ahead, batch)
            if failure is None:
                self._accepted(subscription, batch)
                return
            if not isinstance(failure, TemporaryFailure):
                self._isolate(subscription, ahead, batch, failure)
                return
            next_step = "Nothing: the messages are kept and tried again. If it lasts, `billhook doctor` tells what to do."
            self._consumer.telemetry.problem("intake.waiting", reason=failure.text, messages=len(batch), next_step=next_step)
            self._count(retried=1)
            self._pause(subscription, failure)
            if self._stop.is_set():
                return

    def _attempt(self, ahead: ReadAhead, batch: list[Delivered]) -> Exception | None:
        ahead.batch_begins()
        with self._consumer.while_waiting(ahead):
            failure = self._accept(batch)
        ahead.batch_ends()
        return failure

    def _accept(self, batch: list[Delivered]) -> Exception | None:
        try:
            self._consumer.accept([delivered.read for delivered in batch])
        except Exception as failure:  # noqa: BLE001 - told apart by who asked
            return failure
        return None

    def _heed_pause(self, subscription: IntakeSubscription) -> None:
        if not self._consumer.may_go_on():
            subscription.stop_flow()

    def _accepted(self, subscription: IntakeSubscription, batch: list[Delivered]) -> None:
        # Before the acknowledgement, which makes the broker send more: what is on its way when the flow ends would go back.
        self._heed_pause(subscription)
        subscription.accepted(batch)
        self._count(accepted=len(batch), batches=1)
        self._failures = 0
        self._progress_at = time.monotonic()

    def _isolate(self, subscription: IntakeSubscription, ahead: ReadAhead, batch: list[Delivered], failure: Exception) -> None:
        """One by one, so that the broker counts a failure against the message that causes it and against no other."""
        if len(batch) == 1:
            self._put_back(subscription, batch[0], failure)
            return
        for delivered in batch:
            self._settle(subscription, ahead, [delivered])
            if self._stop.is_set():
                return

    def _put_back(self, subscription: IntakeSubscription, delivered: Delivered, failure: Exception) -> None:
        message = delivered.message
        self._consumer.telemetry.problem(
            "intake.message_failed",
            message_id=message.message_id,
            routing_key=message.routing_key,
            failed_before=message.headers.get("x-delivery-count", "0"),
            error="".join(traceback.format_exception(failure)),
            next_step=f"A bug. After {DELIVERY_LIMIT} times the message is in {INTAKE_DEAD_QUEUE}; mend, and move it back.",
        )
        subscription.refused(delivered)
        self._count(put_back=1)
        self._pause(subscription, failure)

    def _pause(self, subscription: IntakeSubscription, failure: Exception) -> None:
        """Keep the connection alive while waiting; longer with each failure in a row."""
        self._check_patience(f"Messages cannot be accepted: {failure}")
        asked_s = failure.retry_after_s if isinstance(failure, TemporaryFailure) else None
        deadline = time.monotonic() + min(asked_s or self._pause_s(self._failures), self._consumer.pause_s_max)
        self._failures += 1
        while not self._stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
            self._pump(subscription, min(left_s, _POLL_S))

    def _wait_to_reconnect(self, reason: str) -> None:
        self._check_patience(f"The broker cannot be reached: {reason}")
        deadline = time.monotonic() + self._pause_s(self._losses)
        self._losses += 1
        while (left_s := deadline - time.monotonic()) > 0 and not self._stop.wait(min(left_s, _POLL_S)):
            self._consumer.on_beat()

    def _pause_s(self, failures: int) -> float:
        # Jitter, so that a fleet does not come back all at once.
        longest_s = min(self._consumer.pause_s_max, _FIRST_PAUSE_S * 2 ** min(failures, 30))
        return _JITTER.uniform(longest_s / 2, longest_s)

    def _check_patience(self, reason: str) -> None:
        if self._until_idle and time.monotonic() - self._progress_at > self._consumer.patience_s:
            raise TemporaryFailure(reason)

    def _pump(self, subscription: IntakeSubscription, time_limit_s: float) -> None:
        subscription.pump(time_limit_s)
        self._consumer.on_beat()

    def _count(self, **more: int) -> None:
        self._stats = replace(self._stats, **{name: getattr(self._stats, name) + count for name, count in more.items()})
