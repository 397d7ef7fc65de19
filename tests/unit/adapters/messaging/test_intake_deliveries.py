"""Deliveries decoded in one go, beside pika's own way with the same bytes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pika
import pytest
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.exceptions import InvalidFrameError
from pika.frame import Body, Header, Heartbeat, Method
from pika.spec import Basic, BasicProperties

from adapters.messaging.intake_deliveries import DeliveryConnection

TAG = "ctag1.5f0c"
BODY_MAX = 300
PLAIN = BasicProperties(content_type="application/json", delivery_mode=2)
FULL = BasicProperties(message_id="m-1", type="order", headers={"x-delivery-count": 3, "who": "Zoë"}, timestamp=1, priority=4)


class Seen(NamedTuple):
    """A delivery as a consumer gets it."""

    channel: int
    tag: int
    redelivered: bool
    exchange: str
    routing_key: str
    properties: BasicProperties
    body: bytes


def delivery(number: int, *fragments: bytes, properties: BasicProperties = PLAIN, channel: int = 1) -> bytes:
    """A delivery as it comes over the wire; its body in as many frames as there are fragments."""
    method = Basic.Deliver(TAG, number, number % 2 == 0, "oms", f"order.{number}")
    frames = [Method(channel, method), Header(channel, sum(map(len, fragments)), properties)]
    return b"".join(frame.marshal() for frame in (*frames, *(Body(channel, fragment) for fragment in fragments)))


TRAFFIC = b"".join(
    (
        delivery(1, b'{"ref": "1"}'),
        delivery(2, b"[]", properties=FULL),
        Heartbeat().marshal(),
        delivery(3),
        delivery(4, b"x", properties=BasicProperties()),
        delivery(5, b"first half, ", b"second half"),
        delivery(6, b"y" * BODY_MAX, channel=2),
        delivery(7, b"z" * (BODY_MAX + 1)),
        delivery(8, bytes(range(256)), properties=FULL, channel=2),
        delivery(9, b"in frames \xce of its own \xce"),
    )
)


class Consuming:
    """A connection without a network, with a consumer on two channels."""

    def __init__(self, kind: type[Any], loop: IOLoop, channels: Sequence[int]) -> None:
        self.seen: list[Seen] = []
        self.connection = kind(pika.ConnectionParameters(), custom_ioloop=loop, internal_connection_workflow=False)
        self.connection.whole_body_max = BODY_MAX
        for number in channels:
            channel = Channel(self.connection, number, lambda _: None)
            channel._consumers[TAG] = self._on_message
            self.connection._channels[number] = channel

    def _on_message(self, channel: Any, method: Any, properties: BasicProperties, body: bytes) -> None:
        seen = Seen(
            channel.channel_number, method.delivery_tag, method.redelivered, method.exchange, method.routing_key, properties, bytes(body)
        )
        self.seen.append(seen)

    def receive(self, wire: bytes, step: int) -> None:
        """Hand over what came, so many bytes at a time."""
        for start in range(0, len(wire), step):
            self.connection._on_data_available(wire[start : start + step])

    @property
    def counts(self) -> tuple[int, int]:
        """By the bytes the heartbeat sees that the peer is alive."""
        return self.connection.bytes_received, self.connection.frames_received


Consume = Callable[..., Consuming]


@pytest.fixture
def consume() -> Iterator[Consume]:
    """Makes connections of ours, or of another kind."""
    loop = IOLoop()

    def make(kind: type[Any] = DeliveryConnection, channels: Sequence[int] = (1, 2)) -> Consuming:
        return Consuming(kind, loop, channels)

    yield make
    loop.close()


@pytest.mark.parametrize("step", [1, 3, 61, 64, 65, 100, 500, len(TRAFFIC)])
def test_deliveries_come_as_pika_itself_would_hand_them_over(step: int, consume: Consume) -> None:
    """In whatever pieces the bytes arrive: whole, half, in several frames, empty, and with a heartbeat in between."""
    ours, theirs = consume(), consume(SelectConnection)

    ours.receive(TRAFFIC, step)
    theirs.receive(TRAFFIC, step)

    assert [seen.tag for seen in theirs.seen] == list(range(1, 10))
    assert (ours.seen, ours.counts) == (theirs.seen, theirs.counts)


def test_a_whole_delivery_does_not_go_frame_by_frame(consume: Consume, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for this that the connection is there."""
    consuming = consume()
    monkeypatch.setattr(Channel, "_handle_content_frame", lambda *_: pytest.fail("a frame went pika's way"))

    consuming.receive(delivery(1, b'{"ref": "1"}') + delivery(2, b'{"ref": "2"}', properties=FULL), 10_000)

    assert [seen.tag for seen in consuming.seen] == [1, 2]


def test_a_body_over_the_limit_goes_frame_by_frame(consume: Consume, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it is cut."""
    consuming = consume()
    frames: list[object] = []
    monkeypatch.setattr(Channel, "_handle_content_frame", lambda _, frame: frames.append(frame))

    consuming.receive(delivery(1, b"z" * (BODY_MAX + 1)), 10_000)

    assert [type(frame) for frame in frames] == [Method, Header, Body]


def test_deliveries_of_a_channel_that_is_gone_are_dropped(consume: Consume) -> None:
    """As pika does; they are nobody's any more."""
    consuming = consume(channels=(1,))

    consuming.receive(delivery(1, b"{}", channel=2) + delivery(2, b'{"ref": "2"}'), 10_000)

    assert [seen.tag for seen in consuming.seen] == [2]


@pytest.mark.parametrize("from_end", [1, 2 + len(b'{"ref": "1"}') + 7])
def test_a_frame_without_its_end_mark_is_refused(from_end: int, consume: Consume) -> None:
    """Of a stream that is out of step nothing may be taken for an order."""
    consuming = consume()
    wire = bytearray(delivery(1, b'{"ref": "1"}'))
    wire[-from_end] = 0

    with pytest.raises(InvalidFrameError):
        consuming.receive(bytes(wire), len(wire))

    assert consuming.seen == []
