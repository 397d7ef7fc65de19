"""What a subscription holds, and what is on its way to it."""

from adapters.messaging.intake_subscription import BatchLimits, IntakeSubscription
from tests.integration.messaging.support import declare, publish

MIB = 1024 * 1024
LIMITS = BatchLimits(10, 8 * MIB, MIB)


def test_a_message_on_its_way_is_not_overlooked(broker_url: str) -> None:
    """The queue is empty as soon as it has sent the message, long before a large one has arrived: idle is only who asks for it, too."""
    declare(broker_url)
    with IntakeSubscription(broker_url, LIMITS, lambda message: message) as subscription:
        empty = subscription.drained()
        publish(broker_url, [b"x" * (20 * MIB)])  # confirmed: the queue has it, and has given it to us
        on_its_way = subscription.drained()
        arrived = subscription.take()
        subscription.accepted(arrived)
        after = subscription.drained()

    assert (empty, on_its_way, after) == (True, False, True)
    assert [delivered.message.size for delivered in arrived] == [20 * MIB]
