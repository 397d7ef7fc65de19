"""Requests for a while: 10 in any second for each token. Whose limit it is, and whether the window slides, is not documented."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.jortt.errors import Refusal
from tests.fakes.jortt.http import Request


@dataclass
class Limit:
    """``per_second`` None is no limit. ``throttled`` counts the refusals, which use up nothing."""

    per_second: int | None = 10
    seconds: Callable[[], float] = time.monotonic
    throttled: int = 0
    _taken: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def require(self, request: Request) -> None:
        """Raises Refusal over the limit. There is no Retry-After."""
        if self.per_second is None:
            return
        taken, now = self._taken[request.headers.get("authorization", "")], self.seconds()
        while taken and now - taken[0] >= 1:
            taken.popleft()
        if len(taken) >= self.per_second:
            self.throttled += 1
            raise Refusal(429, "request.throttled")
        taken.append(now)
