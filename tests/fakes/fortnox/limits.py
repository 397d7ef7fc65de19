"""Fortnox's limit: 25 calls within any 5 seconds, for each company."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from tests.fakes.vendor_server import Clock, Reply

WINDOW = timedelta(seconds=5)
# Without Retry-After. What its body says is not documented.
TOO_MANY = Reply.of_json({"message": "Too Many Requests"}, 429)


class SlidingWindow:
    """A refused call counts as well: who goes on asking goes on being refused. ``calls_max`` None switches the limit off.

    ``most`` is the largest number of calls that any window of any company has had.
    """

    def __init__(self, clock: Clock, calls_max: int | None = 25) -> None:
        self.calls_max = calls_max
        self.most = 0
        self._clock = clock
        self._made_at: dict[str, deque[datetime]] = defaultdict(deque)

    def allows(self, tenant_id: str) -> bool:
        """Count this call, and tell whether it is within the limit."""
        now, made_at = self._clock.now(), self._made_at[tenant_id]
        while made_at and made_at[0] <= now - WINDOW:
            made_at.popleft()
        made_at.append(now)
        self.most = max(self.most, len(made_at))
        return self.calls_max is None or len(made_at) <= self.calls_max
