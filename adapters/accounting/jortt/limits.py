"""jortt's limit: 10 calls a second (facts: accounting-apis, B3.3). Whose calls are meant is not documented: we count an organisation's."""

import random
from collections.abc import Mapping, Sequence

from application.accounting.access_tokens import Access
from application.accounting.call_pacer import Budget
from domain.delivery.call_budget import CallLimits, Window

# Two fewer than jortt allows: a call that was held up on its way arrives among those of the next second.
LIMITS = CallLimits((Window(8, 1.0),))
# No Retry-After is documented. The window is a second.
_SHORTLY_S = (1.0, 1.5)
_LONGEST_S = 3600.0


def budgets_of(access: Access) -> Sequence[Budget]:
    """The budget that a call is made under."""
    return (Budget(f"jortt:{access.organisation_id}", LIMITS),)


def retry_after(headers: Mapping[str, str]) -> tuple[float, str]:
    """How many seconds to wait after a 429, and the name of the limit."""
    text = str(headers.get("Retry-After") or "")
    if text.isascii() and text.isdigit():
        return min(_LONGEST_S, max(1.0, float(text))), "second"
    return random.uniform(*_SHORTLY_S), "second"  # noqa: S311 - jitter is no secret
