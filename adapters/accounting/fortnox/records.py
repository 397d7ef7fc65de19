"""Records of Fortnox, read leniently: numbers come as text, and what the app has no right to see as ``API_NORIGHT`` (facts: B2.6, B2.8)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Record = Mapping[str, Any]
_NO_RIGHT = "API_NORIGHT"


def text_of(record: Record, name: str) -> str:
    """A text, or a number as text; empty where there is none."""
    value = record.get(name)
    return "" if value is None or value == _NO_RIGHT or isinstance(value, Mapping | list) else str(value)


def decimal_of(record: Record, name: str) -> Decimal | None:
    """An amount; None where there is none."""
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_true(record: Record, name: str) -> bool:
    """Whether a flag is set, as a truth value or as text."""
    return str(record.get(name)).lower() == "true"


def reference_of(record: Record, name: str) -> str:
    """The number of another document; empty where there is none, which Fortnox writes as 0."""
    number = text_of(record, name)
    return "" if number == "0" else number
