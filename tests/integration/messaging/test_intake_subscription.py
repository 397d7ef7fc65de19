"""What a subscription holds, and what is on its way to it."""

import time
from collections.abc import Callable

from adapters.messaging.intake_subscription import BatchLimits, IntakeSubscription
from tests.integration.messaging.support import declare, publish, wait_for_ready

MIB = 1024 * 1024
LIMITS = BatchLimits(10, 8 * MIB, MIB)


def test_a_message_on_its_way_is_not_overlooked(broker_url: str) -> None:
    """The queue is empty as soon as it has sent the message, long before a large one has arrived: idle is only who asks for it, too."""
    declare(broker_url)
    with IntakeSubscription(broker_url, LIMITS) as subscription:
        empty = subscription.drained()
        publish(broker_url, [b"x" * (20 * MIB)])  # confirmed: the queue has it, and has given it to us
        on_its_way = subscription.drained()
        arrived = subscription.take()
        subscription.accepted(arrived)
        after = subscription.drained()

    assert (empty, on_its_way, after) == (True, False, True)
    assert [delivered.message.size for delivered in arrived] == [20 * MIB]


def await_the_first(subscription: IntakeSubscription) -> None:
    """With it the flow begins."""
    ends_at = time.monotonic() + 60
    while not len(subscription):
        assert time.monotonic() < ends_at, "nothing came"
        subscription.pump(0.1)


def take_all(subscription: IntakeSubscription, until: Callable[[], bool]) -> tuple[int, int]:
    """Settle what comes, until it is enough: how many bytes, and how many of them there were at once at most."""
    taken = at_once = 0
    while not until():
        subscription.pump(0.1)
        batch = subscription.take()
        at_once = max(at_once, size := sum(len(delivered.message.body) for delivered in batch))
        taken += size
        if batch:
            subscription.accepted(batch)
    return taken, at_once


def test_memory_is_bounded_also_while_the_queue_is_asked(broker_url: str) -> None:
    """The answer comes behind all that was sent before: it is not waited for at any price."""
    declare(broker_url)
    publish(broker_url, [b"x" * MIB] * 60)
    with IntakeSubscription(broker_url, BatchLimits(200, 8 * MIB, MIB)) as subscription:
        await_the_first(subscription)
        is_empty = subscription.drained()
        held = len(subscription)
        taken, at_once = take_all(subscription, lambda: not len(subscription) and subscription.drained())

    assert not is_empty
    assert held <= 9
    assert taken == 60 * MIB
    assert at_once <= 9 * MIB


def test_memory_is_bounded_also_while_the_flow_is_stopped(broker_url: str) -> None:
    """What was sent already comes bit by bit, and nothing goes back."""
    declare(broker_url)
    publish(broker_url, [b"x" * MIB] * 60)
    with IntakeSubscription(broker_url, BatchLimits(20, 8 * MIB, MIB)) as subscription:
        await_the_first(subscription)
        subscription.stop_flow()
        held, stopped_at_once = len(subscription), subscription.has_stopped
        taken, at_once = take_all(subscription, lambda: subscription.has_stopped)

    assert held <= 9
    assert not stopped_at_once
    assert at_once <= 9 * MIB
    wait_for_ready(broker_url, 60 - taken // MIB)
    assert 0 < taken // MIB <= 41  # what may be on its way, and the message that it began with
