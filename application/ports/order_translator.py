"""Decoding of an order management system's messages into our words."""

from collections.abc import Sequence
from typing import Protocol

from domain.orders.order import Order


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
