"""A connection that decodes a delivery in one go, where pika takes it frame by frame.

pika reads 4 KB at a time, and copies the rest of what it has read for each of the three frames of a message. Here a delivery that
lies in the buffer as a whole is decoded where it lies. All else goes pika's own way, frame by frame: other methods and heartbeats,
a delivery of which a part is still on its way, an empty body, and one of several frames.

What is overridden is not public in pika: the version is pinned, and tests compare with pika's own way.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection, _ConsumerDeliveryEvt
from pika.adapters.select_connection import SelectConnection
from pika.data import decode_short_string
from pika.frame import Header, Method
from pika.spec import FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD, Basic, BasicProperties

# A read takes as long as several messages need, whatever it brings.
_READ_BYTES = 64 * 1024

# A frame: type, channel and size, then as many bytes, then the end mark.
_START = struct.Struct(">BHI")
_FRAMING = _START.size + 1
_METHOD_START = struct.Struct(">BHII")
# The payload of a header frame: class, weight and the size of the body; then the properties.
_HEADER_START = struct.Struct(">BHIHHQ")
# In the payload of a delivery, between the consumer's tag and the names: the delivery's tag, and whether it is a redelivery.
_TAG_AND_FLAGS = struct.Struct(">QB")
# Any shorter buffer holds no whole delivery, and can be read past none of the three starts.
_DELIVERY_BYTES_MIN = 64


class _Delivery(NamedTuple):
    """Where the frames of one delivery end in a buffer, and whose they are."""

    channel: int
    method_end: int
    header_end: int
    body_end: int


class DeliveryConnection(SelectConnection):  # type: ignore[misc]  # pika has no type information
    """``whole_body_max``: the longest body in bytes that is taken in one go; with 0 all go pika's way."""

    whole_body_max = 0

    def _proto_connection_made(self, transport: Any) -> None:
        transport._MAX_RECV_BYTES = _READ_BYTES  # noqa: SLF001 - see above
        super()._proto_connection_made(transport)

    def _on_data_available(self, data_in: bytes) -> None:
        self._frame_buffer += data_in
        while self._frame_buffer:
            self._take_deliveries()
            consumed, frame = self._read_frame()
            if not frame:
                return
            self._trim_frame_buffer(consumed)
            self._process_frame(frame)

    def _take_deliveries(self) -> None:
        buffer = self._frame_buffer
        start = 0
        while (delivery := _find(buffer, start, self.whole_body_max)) is not None:
            channel = self._channels.get(delivery.channel)
            if channel is None:
                break
            _hand_over(channel, *_decode(buffer, start, delivery))
            self.frames_received += 3
            start = delivery.body_end
        if start:
            self._trim_frame_buffer(start)


def _hand_over(channel: Any, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
    consumer = channel._consumers.get(method.consumer_tag)  # noqa: SLF001 - see above
    if consumer is not None and not channel._cancelled:  # noqa: SLF001 - see above
        consumer(channel, method, properties, body)
    else:
        number = channel.channel_number
        channel._on_deliver(Method(number, method), Header(number, len(body), properties), body)  # noqa: SLF001 - see above


def connect(parameters: list[pika.URLParameters]) -> BlockingConnection:
    """A connection as pika's own, for which `take_whole` may be called."""
    return BlockingConnection(parameters, _impl_class=DeliveryConnection)


def socket_of(connection: BlockingConnection) -> int:
    """The file descriptor of an open connection."""
    descriptor: int = connection._impl._transport._sock.fileno()  # noqa: SLF001 - see above
    return descriptor


def consume(channel: BlockingChannel, queue: str, on_message: Callable[..., object], on_cancel: Callable[[], object]) -> str:
    """As ``basic_consume``, but messages come while they are read, where pika would collect them as events to be dispatched.

    ``on_message`` gets the method, the properties and the body; ``on_cancel`` is told that the broker ended it. Returns the tag.
    """
    end_wait = channel.connection._request_channel_dispatch  # noqa: SLF001 - see above

    def at_once(_channel: object, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
        on_message(method, properties, body)
        end_wait(-channel.channel_number)  # ends a running wait for data, as an event would

    def sink(event: Any) -> None:
        if isinstance(event, _ConsumerDeliveryEvt):
            at_once(channel, event.method, event.properties, event.body)
        else:
            on_cancel()
            end_wait(-channel.channel_number)

    options = {"auto_ack": False, "exclusive": False, "consumer_tag": None, "alternate_event_sink": sink}
    tag: str = channel._basic_consume_impl(queue, **options)  # noqa: SLF001 - see above
    # From here on without the events. What came together with the broker's answer was handed on at once, too.
    channel._impl._consumers[tag] = at_once  # noqa: SLF001 - see above
    return tag


def take_whole(channel: BlockingChannel, limit: int) -> None:
    """From now on deliveries with a body of up to ``limit`` bytes are decoded in one go, on all channels of the connection."""
    channel.connection._impl.whole_body_max = limit  # noqa: SLF001 - see above


def _find(buffer: bytes, start: int, body_max: int) -> _Delivery | None:
    """The delivery that begins at ``start``; None where there is none, or not the whole of it."""
    length = len(buffer)
    if length - start < _DELIVERY_BYTES_MIN:
        return None
    kind, channel, size, method = _METHOD_START.unpack_from(buffer, start)
    method_end = start + size + _FRAMING
    if kind != FRAME_METHOD or method != Basic.Deliver.INDEX or method_end + _HEADER_START.size > length:
        return None
    kind, _, size, _, _, body_size = _HEADER_START.unpack_from(buffer, method_end)
    header_end = method_end + size + _FRAMING
    body_end = header_end + body_size + _FRAMING
    if kind != FRAME_HEADER or not 0 < body_size <= body_max or body_end > length:
        return None
    # A body of several frames says here how long its first one is.
    if _START.unpack_from(buffer, header_end) != (FRAME_BODY, channel, body_size):
        return None
    ends = (buffer[method_end - 1], buffer[header_end - 1], buffer[body_end - 1])
    return _Delivery(channel, method_end, header_end, body_end) if ends == (FRAME_END, FRAME_END, FRAME_END) else None


def _decode(buffer: bytes, start: int, delivery: _Delivery) -> tuple[Basic.Deliver, BasicProperties, bytes]:
    _, method_end, header_end, body_end = delivery
    method = _decode_method(buffer, start + _METHOD_START.size, method_end - 1)
    properties = BasicProperties().decode(buffer, method_end + _HEADER_START.size)
    body = buffer[header_end + _START.size : body_end - 1]
    return method, properties, body


def _decode_method(buffer: bytes, start: int, end: int) -> Basic.Deliver:
    tag = start + 1 + buffer[start]
    delivery_tag, flags = _TAG_AND_FLAGS.unpack_from(buffer, tag)
    exchange, routing_key = _short_strings(buffer[tag + _TAG_AND_FLAGS.size : end])
    return Basic.Deliver(*_short_strings(buffer[start:tag]), delivery_tag, bool(flags & 1), exchange, routing_key)


# A consumer's deliveries share their tag, and most of them the exchange and the routing key.
@lru_cache(maxsize=1024)
def _short_strings(encoded: bytes) -> tuple[str, ...]:
    strings: list[str] = []
    at = 0
    while at < len(encoded):
        text, at = decode_short_string(encoded, at)
        strings.append(text)
    return tuple(strings)
