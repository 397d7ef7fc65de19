"""JSON whose bytes depend on the values alone, with amounts exactly as they are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")


def dumps(value: Any) -> bytes:
    """UTF-8 without spaces, keys sorted, Decimals as exact numbers without an exponent, dates and times in ISO 8601.

    Equal values have equal bytes, so that a vendor that compares a repeated request with the first one finds it the same. Raises
    TypeError for a float, which has no exact value to send, and ValueError for a number that is none.
    """
    return _ENCODER.encode(_exact(value))


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; amounts are Decimals")
    if isinstance(value, Decimal):
        return _without_exponent(value)
    if isinstance(value, Mapping):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    return value


def _without_exponent(value: Decimal) -> Any:
    if not value.is_finite():
        raise ValueError(f"{value} is no amount")
    return msgspec.Raw(format(value, "f").encode())
