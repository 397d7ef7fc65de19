"""What a function of a field map may be given: each reader takes the declared value and where it stands, or refuses it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.mapping.errors import MappingFailed, refuse, refuse_name
from domain.mapping.limits import ARGUMENT_LENGTH_MAX
from domain.mapping.values import Scalar, to_number, to_scalar


def no_argument(value: object, place: str) -> None:
    """For functions that need none."""
    if value is not None:
        raise refuse(place, "This function takes no argument.")


def a_text(value: object, place: str) -> str:
    """A short text; it may be empty."""
    if not isinstance(value, str) or len(value) > ARGUMENT_LENGTH_MAX:
        raise refuse(place, f"Here a text of at most {ARGUMENT_LENGTH_MAX} characters is expected.")
    return value


def a_number(value: object, place: str) -> Decimal:
    """A number; binary floats become the decimals they were written as."""
    constant = a_constant(value, place)
    try:
        return to_number(constant)
    except MappingFailed:
        raise refuse(place, "Here a number is expected.") from None


def a_constant(value: object, place: str) -> Scalar:
    """A value as it may stand in a result: text, number, true, false or a date."""
    try:
        constant = to_scalar(value)
    except MappingFailed:
        constant = None
    if constant is None or (isinstance(constant, str) and len(constant) > ARGUMENT_LENGTH_MAX):
        raise refuse(place, f"Here a number, true, false, a date or a text of at most {ARGUMENT_LENGTH_MAX} characters is expected.")
    return constant


def a_whole_number(value: object, place: str, least: int, most: int) -> int:
    """A whole number between two bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise refuse(place, f"Here a whole number from {least} to {most} is expected.")
    return value


def keys_of(value: object, place: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """A group with these keys and no others."""
    known = (*required, *optional)
    if not isinstance(value, Mapping):
        raise refuse(place, f"Here a group with the keys {', '.join(known)} is expected.")
    for key in value:
        if key not in known:
            raise refuse_name(place, key, known)
    for key in required:
        if key not in value:
            raise refuse(place, f"The key {key} is missing.")
    return value
