"""Fortnox's limit (facts: accounting-apis, B2.3): 25 calls in any 5 seconds for each company that an app is connected to."""

import random
from collections.abc import Mapping, Sequence

from application.accounting.access_tokens import Access
from application.accounting.call_pacer import Budget
from domain.delivery.call_budget import CallLimits, Window

_CALLS, _SECONDS = 25, 5.0
# The same rate, evenly: a burst of 25 would have the next call wait for so long that its lane is parked.
_EVENLY = Window(5, 1.0)
# A 429 does not say how long to wait, and calls it refused may count as well: the whole window must pass.
_JITTER_S = 1.0


def budgets_of(access: Access) -> Sequence[Budget]:
    """The budget that one call is made under."""
    return (Budget(f"fortnox:{access.organisation_id}", CallLimits((Window(_CALLS, _SECONDS), _EVENLY))),)


def retry_after(_headers: Mapping[str, str]) -> tuple[float, str]:
    """How many seconds to wait after a 429, and the limit it was."""
    return _SECONDS + random.uniform(0.1, _JITTER_S), f"{_CALLS} in {_SECONDS:g} s"  # noqa: S311 - jitter is no secret
