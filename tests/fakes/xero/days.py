"""Days as clients send them."""

import re
from datetime import UTC, date, datetime

from tests.fakes.xero.batches import Invalid

_MILLISECONDS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


def day_of(value: object, name: str) -> date:
    """A day from ``YYYY-MM-DD``, a moment in ISO form or ``/Date(ms)/``; of a moment it is the day in UTC. Error: Invalid."""
    if isinstance(value, date):
        return value
    text = str(value)
    found = _MILLISECONDS.fullmatch(text)
    if found:
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid([f"{name} is not a valid date: {text}"]) from None
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
