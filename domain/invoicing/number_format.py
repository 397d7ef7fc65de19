"""Reading a display number back: whether it could be one of a series, and which number it is."""

import re
from functools import lru_cache
from string import Formatter

# As many digits as fit the store's integers.
_DIGITS_MAX = 18


def number_of(number_format: str, display_number: str) -> int | None:
    """The number that a format such as ``INV-{number:06d}`` shows as this; None where it shows none so."""
    found = _pattern(number_format).fullmatch(display_number)
    if found is None:
        return None
    number = int(found["number"])
    # INV-7 is none of INV-{number:06d}: only what the format itself would write is meant.
    return number if number_format.format(number=number) == display_number else None


@lru_cache(maxsize=256)
def _pattern(number_format: str) -> re.Pattern[str]:
    parts = []
    named = False
    for literal, field, _, _ in Formatter().parse(number_format):
        parts.append(re.escape(literal))
        if field is not None:
            parts.append(r"\d+" if named else rf"(?P<number>\d{{1,{_DIGITS_MAX}}})")
            named = True
    return re.compile("".join(parts) if named else r"(?P<number>(?!))", re.ASCII)
