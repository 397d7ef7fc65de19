"""Dramatiq's RabbitMQ broker on quorum queues, with confirms.

Dramatiq declares classic queues and has no setting for it, so three private methods are overridden: the version is pinned
to 2.2, and tests/integration/messaging proves on a real broker that they are still the ones that declare.
"""

import json
from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.encoder import Encoder, MessageData
from dramatiq.errors import DecodeError
from dramatiq.middleware import Retries, TimeLimit

from adapters.messaging.connection import connection_parameters
from adapters.messaging.topology import HINT_QUEUES

HINT_BYTES_MAX = 16 * 1024

# Of a bug only: what may work later is hinted again by a sweep. A delayed message is held unacknowledged by a worker, and the
# broker takes it away after 30 minutes, so delays stay far below that; longer ones are `due_at` rows in the database.
_RETRIES_MAX = 3
_FIRST_DELAY_MS = 2_000
_LONGEST_DELAY_MS = 60_000


class HintEncoder(Encoder):
    """JSON of at most 16 KiB: a hint carries ids, so a larger one is a mistake on the way out and hostile on the way in."""

    def encode(self, data: MessageData) -> bytes:
        """Raises ValueError where it gets too large, TypeError where it is not JSON."""
        encoded = json.dumps(data, separators=(",", ":")).encode()
        if len(encoded) > HINT_BYTES_MAX:
            raise ValueError(f"A hint of {len(encoded)} bytes: only ids belong in it.")
        return encoded

    def decode(self, data: bytes) -> MessageData:
        """Raises DecodeError; the message then goes to the dead-letter queue."""
        try:
            return _decoded(data)
        except (ValueError, RecursionError) as error:
            raise DecodeError(str(error), data[:HINT_BYTES_MAX], error) from None  # type: ignore[no-untyped-call]


def _decoded(data: bytes) -> MessageData:
    if len(data) > HINT_BYTES_MAX:
        raise ValueError(f"a hint of {len(data)} bytes")
    decoded = json.loads(data)
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one family of errors for whatever is no hint
    return decoded


class QuorumBroker(RabbitmqBroker):
    """The broker of one process, ``role`` being the process's part in the connection names.

    Middleware is only what keeps a worker healthy: a time limit and a few quick retries. Errors raised in middleware are
    swallowed by Dramatiq, so nothing that matters may live there. Shutdown notifications are left out on purpose: they raise
    inside a running task, and a delivery cut off in the middle is an `unknown` one.
    """

    def __init__(self, url: str, role: str, time_limit_s: float = 300.0) -> None:
        retries = Retries(max_retries=_RETRIES_MAX, min_backoff=_FIRST_DELAY_MS, max_backoff=_LONGEST_DELAY_MS)
        super().__init__(confirm_delivery=True, middleware=[TimeLimit(time_limit=int(time_limit_s * 1000)), retries])
        self.parameters = connection_parameters(url, role)
        # Global to the process in Dramatiq: there is one broker in one process.
        dramatiq.set_encoder(HintEncoder())

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> dramatiq.Consumer:
        """As Dramatiq does, without keeping the connection that declared the queue: idle, it would only miss heartbeats."""
        consumer = super().consume(queue_name, prefetch, timeout)
        del self.connection
        return consumer

    def _declare_queue(self, queue_name: str) -> Any:
        return HINT_QUEUES[queue_name].declare(self.channel)

    def _declare_dq_queue(self, queue_name: str) -> Any:
        return HINT_QUEUES[f"{queue_name}.DQ"].declare(self.channel)

    def _declare_xq_queue(self, queue_name: str) -> Any:
        return HINT_QUEUES[f"{queue_name}.XQ"].declare(self.channel)
