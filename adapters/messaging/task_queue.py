"""Hints to workers, through Dramatiq. Without a broker they are dropped: a sweep sends them again."""

import time
from collections.abc import Iterable, Sequence

import dramatiq
import pika
from dramatiq.errors import ConnectionClosed
from pika.exceptions import AMQPConnectionError, ChannelClosed, ChannelWrongStateError, ConnectionBlockedTimeout, NackError, UnroutableError

from adapters.messaging.quorum_broker import QuorumBroker
from adapters.messaging.topology import DELIVERY_QUEUE, INVOICING_QUEUE
from application.ports.telemetry import Telemetry

# The names under which entrypoints/actors.py registers what answers the hints. A changed meaning is a new version, and the
# old actor stays for one release, because hints of the old one are still on their way.
EXECUTE_RUN = "execute_run.v1"
DRAIN_LANE = "drain_lane.v1"

_PERSISTENT = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent.value)


class DramatiqTaskQueue:
    """Sends each hint with a confirm, over one connection per thread.

    A broker that is away costs the caller at most about 15 seconds (none where it refuses, 5 where it blocks publishers);
    then all hints are dropped for ``rest_s``, at no cost. Dramatiq's own `enqueue` is not used because it tries six times.
    """

    def __init__(self, broker: QuorumBroker, telemetry: Telemetry, rest_s: float = 15.0) -> None:
        self._broker = broker
        self._telemetry = telemetry
        self._rest_s = rest_s
        self._rests_until = 0.0

    def runs_due(self, run_ids: Sequence[int]) -> None:
        """Hint at runs; see the port."""
        self._send(INVOICING_QUEUE, EXECUTE_RUN, run_ids)

    def lanes_due(self, integrations: Sequence[str]) -> None:
        """Hint at lanes; see the port."""
        self._send(DELIVERY_QUEUE, DRAIN_LANE, integrations)

    def close(self) -> None:
        """Close the broker's connections."""
        self._broker.close()

    def _send(self, queue: str, actor: str, subjects: Iterable[int | str]) -> None:
        waiting = list(dict.fromkeys(subjects))
        if not waiting or time.monotonic() < self._rests_until:
            return
        sent = 0
        try:
            for subject in waiting:
                self._publish(queue, dramatiq.Message(queue, actor, (subject,), {}, {}).encode())
                sent += 1
        except NackError:
            self._telemetry.problem("hints.queue_full", queue=queue, dropped=len(waiting) - sent, next_step="Start more workers.")
        except Exception as error:  # noqa: BLE001 - a hint is never worth the caller's work, which is committed
            self._rests_until = time.monotonic() + self._rest_s
            next_step = "Nothing: a sweep sends them again. Look at the broker if this repeats."
            self._telemetry.problem("hints.dropped", queue=queue, dropped=len(waiting) - sent, reason=repr(error), next_step=next_step)

    def _publish(self, queue: str, body: bytes) -> None:
        may_be_stale = getattr(self._broker.state, "connection", None) is not None
        try:
            self._publish_once(queue, body)
        except UnroutableError:
            # The queue was deleted: it is made again.
            self._broker.queues_pending.add(queue)
            self._publish_once(queue, body)
        except (AMQPConnectionError, ChannelClosed, ChannelWrongStateError, ConnectionClosed) as error:
            del self._broker.connection
            # A connection that was idle for long was closed by the broker, so one new one is tried; a fresh failure is a fact.
            if not may_be_stale or isinstance(error, ConnectionBlockedTimeout):
                raise
            self._publish_once(queue, body)

    def _publish_once(self, queue: str, body: bytes) -> None:
        self._broker.declare_queue(queue, ensure=True)
        self._broker.channel.basic_publish("", queue, body, _PERSISTENT, mandatory=True)
