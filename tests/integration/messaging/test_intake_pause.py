"""An intake that somebody paused."""

import threading
from collections.abc import Sequence

from adapters.messaging.intake_consumer import IntakeConsumer
from application.ports.quarantine import IncomingMessage
from tests.integration.messaging.support import Accepted, RecordingTelemetry, Running, bodies, declare, publish, ready, wait_for_ready
from tests.services.process import wait_until


class Beats:
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def test_paused_it_finishes_what_it_has_and_takes_the_rest_when_it_may_go_on(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Nothing goes back to the queue, where it would count against the delivery limit; and the beat goes on meanwhile."""
    declare(broker_url)
    publish(broker_url, bodies(100))
    began, go_on, allowed, beats = threading.Event(), threading.Event(), threading.Event(), Beats()
    accepted = Accepted()
    read: list[IncomingMessage] = []
    allowed.set()

    def accept(batch: Sequence[IncomingMessage]) -> None:
        began.set()
        go_on.wait(30)
        accepted(batch)

    def note(message: IncomingMessage) -> IncomingMessage:
        read.append(message)
        return message

    consumer = IntakeConsumer(broker_url, accept, telemetry, batch_size=10, may_go_on=allowed.is_set, on_beat=beats, read=note)
    with Running(consumer) as running:
        assert began.wait(30)
        allowed.clear()
        go_on.set()
        wait_until(lambda: "intake.paused" in [name for name, _ in telemetry.events], "the pause")
        during = list(accepted.bodies)
        wait_for_ready(broker_url, 100 - len(during))
        before = beats.count
        wait_until(lambda: beats.count > before + 2, "three more beats")
        allowed.set()
        wait_until(lambda: len(accepted.bodies) == 100, "the rest")
        stats = running.stop()

    assert 1 <= len(during) <= 21  # two batches, and the message that it began with
    assert during == bodies(len(during))
    assert accepted.bodies == bodies(100)
    assert [message.body for message in read if "x-delivery-count" in message.headers] == []
    assert (stats.accepted, stats.connections) == (100, 2)


def test_until_idle_ends_at_once_where_it_is_paused(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """Nothing is taken, and nobody waits for the end of the pause."""
    declare(broker_url)
    publish(broker_url, bodies(3))

    stats = IntakeConsumer(broker_url, Accepted(), telemetry, may_go_on=lambda: False).run(threading.Event(), until_idle=True)

    assert (stats.accepted, stats.connections, ready(broker_url)) == (0, 0, 3)
