"""Functions on numbers. Text that spells a number is read first; the result is an exact decimal, never a binary float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from domain.mapping.arguments import a_text, a_whole_number, keys_of
from domain.mapping.errors import MappingFailed, refuse, shown
from domain.mapping.limits import DIGITS_MAX
from domain.mapping.values import Scalar, bounded, to_number

DECIMALS_MAX = 12
# Two numbers of DIGITS_MAX digits, multiplied or added, fit without rounding.
_EXACT = 4 * DIGITS_MAX


def round_to(value: Scalar, decimals: int) -> Decimal:
    """``round: N``: half-up, away from zero, as money is rounded everywhere here."""
    number = to_number(value)
    with localcontext(prec=_EXACT):
        return bounded(number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def whole(value: Scalar, _argument: None) -> int:
    """``whole``: a number without a point, for systems that take no other; what stands behind the point must be nothing."""
    number = to_number(value)
    if number != number.to_integral_value():
        raise MappingFailed("", f"{shown(f'{number:f}')} is no whole number.")
    return int(number)


def multiply(value: Scalar, factor: Decimal) -> Decimal:
    """``multiply: X``: 1.05 adds five percent."""
    number = to_number(value)
    with localcontext(prec=_EXACT):
        return bounded(number * factor)


def add(value: Scalar, summand: Decimal) -> Decimal:
    """``add: X``: a negative number is taken away."""
    return add_exactly(to_number(value), summand)


def negate(value: Scalar, _argument: None) -> Decimal:
    """``negate``: with the other sign, as some systems want credit notes."""
    number = to_number(value)
    return number.copy_negate() if number else number


def add_exactly(first: Decimal, second: Decimal) -> Decimal:
    """The sum without rounding."""
    with localcontext(prec=_EXACT):
        return bounded(first + second)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is written."""

    decimals: int
    decimal_mark: str = "."
    thousands: str = ""


def number_format(value: Scalar, form: NumberFormat) -> str:
    """``number_format: {decimals, decimal_mark, thousands}``: rounded half-up and written out."""
    written = f"{round_to(value, form.decimals):,f}"
    return "".join({",": form.thousands, ".": form.decimal_mark}.get(character, character) for character in written)


def read_decimals(value: object, place: str) -> int:
    """The argument of ``round``."""
    return a_whole_number(value, place, 0, DECIMALS_MAX)


def read_number_format(value: object, place: str) -> NumberFormat:
    """The argument of ``number_format``."""
    keys = keys_of(value, place, ("decimals",), ("decimal_mark", "thousands"))
    mark, thousands = keys.get("decimal_mark", "."), keys.get("thousands", "")
    for key, text in (("decimal_mark", mark), ("thousands", thousands)):
        if len(a_text(text, f"{place}.{key}")) > 1:
            raise refuse(f"{place}.{key}", "Here at most one character is expected.")
    if not mark or mark == thousands:
        raise refuse(place, "The decimal mark and the mark of the thousands must differ.")
    return NumberFormat(read_decimals(keys["decimals"], f"{place}.decimals"), mark, thousands)
