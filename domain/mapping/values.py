"""The values a map carries: text, numbers, truth values, days and times. Each conversion says in words why it cannot be made."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from typing import Any, NoReturn

from domain.mapping.errors import MappingFailed, shown
from domain.mapping.limits import DIGITS_MAX, TEXT_LENGTH_MAX

Scalar = str | bool | int | Decimal | date
# What the order management system sends where there is no day (facts: seed-systems 2.3).
_NO_DAY = "0000-00-00"
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_TOO_LARGE = 10**DIGITS_MAX


def is_empty(value: Any) -> bool:
    """Whether there is nothing to carry: no value, white space, or no elements."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | Mapping) and not value)


def to_scalar(value: Any) -> Scalar | None:
    """A value as the map carries it; binary floats become the decimals they were written as. Raises MappingFailed."""
    if isinstance(value, float):
        return bounded(_decimal(str(value)))
    if isinstance(value, str):
        return bounded_text(value)
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, int):
        return value if abs(value) < _TOO_LARGE else _refuse_digits()
    if isinstance(value, Decimal):
        return bounded(value)
    raise MappingFailed("", "This is a group of fields, not a value; name one of its fields.")


def to_text(value: Scalar) -> str:
    """As it is read by people and machines alike: 6.25, true, 2026-11-21, 2026-11-21T10:00:00+00:00."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def to_number(value: Scalar) -> Decimal:
    """A number, or a text that spells one with a point. Raises MappingFailed."""
    if isinstance(value, bool | date):
        raise MappingFailed("", f"{shown(to_text(value))!r} is no number.")
    return bounded(_decimal(value) if isinstance(value, str) else Decimal(value))


def to_day(value: Scalar) -> date | None:
    """A day or a time, or a text with one in ISO 8601; None for the zero date. Raises MappingFailed."""
    if isinstance(value, date):
        return value
    text = to_text(value).strip()
    if text.startswith(_NO_DAY):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MappingFailed("", f"{shown(text)!r} is no date such as 2026-11-21 or 2026-11-21 10:00:00.") from None
    return moment.date() if len(text) <= len(_NO_DAY) else moment


def as_key(value: Scalar) -> str:
    """The text by which values are compared and looked up: 8, 8.0 and "8" are one; times are compared in UTC."""
    if isinstance(value, Decimal):
        # Not normalize(): that rounds to the digits of the current context.
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text and value else text if value else "0"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return _in_utc(value)
    return to_text(value)


def _in_utc(moment: datetime) -> str:
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return moment.isoformat()


def bounded(number: Decimal) -> Decimal:
    """The number, where its digits are few enough to be written out. Raises MappingFailed."""
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX or len(number.as_tuple().digits) > DIGITS_MAX:
        _refuse_digits()
    return number


def bounded_text(text: str) -> str:
    """The text, where it is short enough. Raises MappingFailed."""
    check_length(len(text))
    return text


def check_length(length: int) -> None:
    """Raises MappingFailed where a text of this length would be too long; asked before the text is made."""
    if length > TEXT_LENGTH_MAX:
        raise MappingFailed("", f"This text would be longer than {TEXT_LENGTH_MAX} characters.")


def _decimal(text: str) -> Decimal:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise MappingFailed("", f"{shown(text)!r} is no number.")
    try:
        return Decimal(text)
    except DecimalException:
        _refuse_digits()


def _refuse_digits() -> NoReturn:
    raise MappingFailed("", f"This is no number of at most {DIGITS_MAX} digits.")
