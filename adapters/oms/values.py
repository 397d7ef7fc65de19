"""Single values of a message, read strictly: each function returns our value or raises Mistake, and nothing else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

REF_LENGTH_MAX = 255
STATUS_CODE_MAX = 2**31 - 1
VERSION_MAX = 2**63 - 1

# A product of the longest price and the longest quantity has at most the 28 digits that Decimal's default context keeps.
PRICE_LIMIT = Decimal(10) ** 9
PRICE_STEP = Decimal("1e-8")
QUANTITY_LIMIT = Decimal(10) ** 6
# So that the sum of any real invoice, in thousandths, fits the 64 bits that are kept of it.
AMOUNT_LIMIT = Decimal(10) ** 12
QUANTITY_STEP = Decimal("1e-4")
RATE_LIMIT = Decimal(1)
RATE_STEP = Decimal("1e-6")

_DIGITS_MAX = 64
_PLAIN = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?", re.ASCII).fullmatch
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?", re.ASCII).fullmatch
# What PostgreSQL cannot store, XML and PDF cannot show, or a mail header must not hold.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")
_FLAGS = {"": False, "0": False, "false": False, "no": False, "n": False, "1": True, "true": True, "yes": True, "y": True}


class Mistake(Exception):
    """A value that cannot be read; ``field`` is its name in the message."""

    def __init__(self, field: str, text: str, next_step: str = "") -> None:
        super().__init__(text)
        self.field = field
        self.text = text
        self.next_step = next_step


def text(value: str | int | None) -> str:
    """One line of printable text without spaces at the ends; null is empty."""
    if value is None:
        return ""
    line = value if type(value) is str else str(value)
    return line.strip() if line.isprintable() else _UNPRINTABLE.sub(" ", line).strip()


def reference(value: str | int | None, field: str) -> str:
    """A text that other things are found by: short, and exactly as it was written, so control characters are refused."""
    if value is None:
        return ""
    line = str(value).strip()
    if len(line) > REF_LENGTH_MAX:
        raise Mistake(field, f"has {len(line)} characters; at most {REF_LENGTH_MAX} are allowed")
    if not line.isprintable() and _UNPRINTABLE.search(line):
        raise Mistake(field, "holds control characters")
    return line


def flag(value: bool | int | str | None, field: str) -> bool:  # noqa: FBT001 - the value that is read
    """A boolean, also as 0 or 1, a number or a text; null and the empty text are false."""
    if value is None or value is False or value is True:
        return value is True
    known = _FLAGS.get(str(value)[:_DIGITS_MAX].strip().lower())
    if known is None:
        raise Mistake(field, f"must be true or false, not {_shown(value)}")
    return known


def moment(value: str | None, field: str) -> datetime | None:
    """A time in UTC; one without a zone is UTC, a date is its start, and zero dates are null (DESIGN 4.1)."""
    if not value or value.startswith("0000-00-00"):
        return None
    try:
        return _moment(written) if (written := value.strip()) else None
    except (ValueError, OverflowError):
        raise Mistake(field, f"must be a time such as 2026-11-01 10:00:05, not {_shown(value)}") from None


# Orders that arrive together share many of their times, and the versions of an order all but one.
@lru_cache(maxsize=8192)
def _moment(written: str) -> datetime:
    read = datetime.fromisoformat(written)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def whole_number(value: Any, field: str, limit: int) -> int | None:
    """An integer from 0 to ``limit``, also as a text; null and the empty text are None."""
    if type(value) is int and 0 <= value <= limit:
        return value
    if value is None or value == "":
        return None
    digits = str(value).strip() if type(value) in {int, str} else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(limit)) and int(digits) <= limit):
        raise Mistake(field, f"must be a whole number from 0 to {limit}, not {_shown(value)}")
    return int(digits)


def price(value: Any, field: str) -> Decimal | None:
    """An amount of money, not negative; digits after the eighth decimal are a float's noise and are rounded away."""
    return _number(value, field, PRICE_LIMIT, _read_price)


def quantity(value: Any, field: str) -> Decimal | None:
    """A quantity, not negative, rounded to four decimals."""
    return _number(value, field, QUANTITY_LIMIT, _read_quantity)


def rate(value: Any, field: str) -> Decimal | None:
    """A tax rate as a fraction below 1; 20 would be a percentage, and guessing could be wrong by a factor of a hundred."""
    read = _number(value, field, PRICE_LIMIT, _read_rate)
    if read is not None and read >= RATE_LIMIT:
        raise Mistake(field, f"must be a fraction below 1, not {_shown(value)}", "Send 20 % as 0.2.")
    return read


def _number(value: Any, field: str, limit: Decimal, reader: Callable[[str], Decimal | None]) -> Decimal | None:
    if value is None or value == "":
        return None
    if type(value) is str:
        read = reader(value if len(value) <= _DIGITS_MAX else _short(value))
    else:
        read = reader(str(value)) if type(value) is int and 0 <= value < limit else None
    if read is None:
        raise Mistake(field, f"must be a number from 0 to below {limit:f}, not {_shown(value)}")
    return read


def _short(written: str) -> str:
    # What is kept of a text must be short. Cut, it is still too long to be a number.
    return written.strip()[: _DIGITS_MAX + 1]


def _reader(limit: Decimal, step: Decimal) -> Callable[[str], Decimal | None]:
    # The same few prices, quantities and rates come again and again.
    @lru_cache(maxsize=8192)
    def read(written: str) -> Decimal | None:
        return _decimal(written, limit, step)

    return read


def _decimal(written: str, limit: Decimal, step: Decimal) -> Decimal | None:
    if _PLAIN(written):
        read = Decimal(written)
        return read if read < limit else None
    written = written.strip()
    if len(written) > _DIGITS_MAX or not _NUMBER(written):
        return None
    read = Decimal(written)
    if not 0 <= read < limit:
        return None
    # Zero is added to lose the sign of -0; the text is taken to lose an exponent.
    return Decimal(format((read.quantize(step, ROUND_HALF_UP) + 0).normalize(), "f"))


_read_price = _reader(PRICE_LIMIT, PRICE_STEP)
_read_quantity = _reader(QUANTITY_LIMIT, QUANTITY_STEP)
_read_rate = _reader(PRICE_LIMIT, RATE_STEP)


def _shown(value: object) -> str:
    """A value as an error message shows it: never longer than a line."""
    if type(value) is str:
        shown = value[:_DIGITS_MAX] + ("…" if len(value) > _DIGITS_MAX else "")
        return repr(shown) if shown.isprintable() else ascii(shown)
    if type(value) is int:
        return str(value) if abs(value) < 10**_DIGITS_MAX else "a very long number"
    return {"dict": "an object", "list": "an array"}.get(type(value).__name__, str(value).lower())
