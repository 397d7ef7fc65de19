"""What the intake does while the store works on a batch: it receives and reads the messages behind that batch."""

import select
import time
from collections.abc import Callable

from adapters.messaging.intake_subscription import Delivered, IntakeSubscription
from application.ports.quarantine import IncomingMessage

# Between two looks whether the store has answered: half a millisecond of reading.
_AT_ONCE = 16
_POLL_S = 0.25
# A batch that takes longer hangs: the beat stops, and whoever watches it restarts the process.
_HANGING_S = 300.0


class ReadAhead:
    """Reads the messages of one subscription in the order of their arrival.

    It is called with the file descriptor and the events (of ``select.poll``) by which the store will answer, and returns as soon as one
    of them has come, or earlier. ``read`` makes of a message what is kept in ``Delivered.read``; where it raises that is the message
    itself, and who accepts it meets the same fault, where it counts against this message alone.
    """

    def __init__(self, subscription: IntakeSubscription, read: Callable[[IncomingMessage], object], on_beat: Callable[[], object]) -> None:
        self._subscription = subscription
        self._read = read
        self._on_beat = on_beat
        # Of the messages that wait to be taken, so many are read.
        self._ahead = 0
        self._hangs_at = 0.0
        self._fault: Exception | None = None

    def take(self) -> list[Delivered]:
        """The next batch of the subscription, read."""
        batch = self._subscription.take()
        self._read_all(batch[self._ahead :])
        self._ahead = max(0, self._ahead - len(batch))
        return batch

    def batch_begins(self) -> None:
        """From now on it takes long."""
        self._hangs_at = time.monotonic() + _HANGING_S

    def batch_ends(self) -> None:
        """Raise what went wrong meanwhile, such as SubscriptionLost: only now, since a batch that was begun is finished."""
        if self._fault is not None:
            raise self._fault

    def __call__(self, descriptor: int, events: int) -> None:
        try:
            self._read_on(descriptor, events)
        except Exception as fault:  # noqa: BLE001 - raised here it would leave a statement of the store half done
            self._fault = fault

    def _read_on(self, descriptor: int, events: int) -> None:
        answer = select.poll()
        answer.register(descriptor, events)
        while not answer.poll(0):
            if not self._read_some() and not self._receive(descriptor, events):
                return

    def _read_some(self) -> bool:
        some = self._subscription.waiting(self._ahead, _AT_ONCE)
        self._read_all(some)
        self._ahead += len(some)
        return bool(some)

    def _read_all(self, messages: list[Delivered]) -> None:
        for delivered in messages:
            try:
                delivered.read = self._read(delivered.message)
            except Exception:  # noqa: BLE001 - see above
                delivered.read = delivered.message

    def _receive(self, descriptor: int, events: int) -> bool:
        if time.monotonic() < self._hangs_at:
            self._on_beat()
        return self._fault is None and self._subscription.pump_beside(descriptor, events, _POLL_S)
