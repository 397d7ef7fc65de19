"""Decoding of an order management system's messages into our words."""

from collections.abc import Sequence
from typing import Protocol

from domain.errors import Invalid
from domain.orders.order import Order

MESSAGE_SIZE_MAX = 1024 * 1024  # in bytes; what is larger is set aside, and only its beginning kept


def over_the_limit(size: int, limit: int) -> Invalid:
    """The refusal of a message of ``size`` bytes where ``limit`` are allowed; trying again cannot help."""
    allowed = "1 MiB" if limit == MESSAGE_SIZE_MAX else f"{limit:,} bytes"
    return Invalid("", f"The message has {size:,} bytes, over the limit of {allowed}: its publisher must send it in smaller parts.")


class OrderTranslator(Protocol):
    """Reads one OMS's message format. Another OMS is another translator, chosen by the AMQP ``type`` (DESIGN 4.1)."""

    @property
    def source(self) -> str:
        """The name of the OMS, half of an order's key; at most 64 characters."""
        ...

    def split(self, body: bytes) -> Sequence[bytes]:
        """The bodies of the single orders in a message: one object, or the elements of an array.

        Raises Invalid where the message is too large, too deep, not UTF-8 or not JSON.
        """
        ...

    def translate(self, body: bytes) -> Order:
        """The order in one body. Raises Invalid with the path of the mistake."""
        ...


class OrderTranslators(Protocol):
    """All translators, by the AMQP ``type`` property."""

    def for_type(self, message_type: str) -> OrderTranslator:
        """The translator for a message type; the default one for an empty type. Raises Invalid for a type unknown."""
        ...

    def for_source(self, source: str) -> OrderTranslator:
        """The translator that wrote orders of this source."""
        ...
