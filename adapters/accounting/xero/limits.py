"""Xero's limits (facts: accounting-apis, B1.4, B1.5).

For each organisation 60 calls a minute, 5 at a time and so many a day; for each app 10,000 a minute. A tenth of the day is kept for new
documents: comparing the books and replaying what is old wait before they take the last calls.
"""

import random
from collections.abc import Mapping, Sequence

from application.accounting.access_tokens import Access
from application.accounting.call_pacer import Budget
from domain.delivery.call_budget import CallLimits, Window

_MINUTE_S = 60.0
_A_MINUTE, _AT_A_TIME, _OF_AN_APP = 60, 5, 10_000
# A limit that Xero names and gives no time for is the one of calls at a time: it passes as soon as one ends.
_SHORTLY_S = (0.5, 1.5)


def budgets_of(access: Access, client_id: str, day_limit: int) -> Sequence[Budget]:
    """The budgets that one call is made under."""
    day = CallLimits.of_day(day_limit, (Window(_A_MINUTE, _MINUTE_S),), _AT_A_TIME)
    app = CallLimits((Window(_OF_AN_APP, _MINUTE_S),))
    return (Budget(f"xero:{access.organisation_id}", day), Budget(f"xero-app:{client_id}", app, blocked_by="app"))


def day_left(headers: Mapping[str, str]) -> int | None:
    """What Xero says is left of the day."""
    return _whole(headers.get("X-DayLimit-Remaining"))


def retry_after(headers: Mapping[str, str]) -> tuple[float, str]:
    """How many seconds to wait after a 429, and the limit that Xero names."""
    seconds = _whole(headers.get("Retry-After"))
    problem = str(headers.get("X-Rate-Limit-Problem") or "").strip().lower()
    if seconds is not None:
        return float(max(1, seconds)), problem
    return random.uniform(*_SHORTLY_S), problem  # noqa: S311 - jitter is no secret


def _whole(text: str | None) -> int | None:
    try:
        return max(0, int(str(text)))
    except ValueError:
        return None
