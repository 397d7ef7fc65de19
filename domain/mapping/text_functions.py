"""Functions on text. Numbers and days are spelled first, so that each function takes any value."""

from typing import Any

from domain.mapping.arguments import a_text, a_whole_number, keys_of
from domain.mapping.errors import refuse
from domain.mapping.limits import ARGUMENT_LENGTH_MAX, TEXT_LENGTH_MAX
from domain.mapping.values import Scalar, check_length, to_text


def spell(value: Scalar, _argument: None) -> str:
    """``text``: a number, a day or a truth value as text."""
    return to_text(value)


def upper(value: Scalar, _argument: None) -> str:
    """``upper``: in capitals."""
    return to_text(value).upper()


def lower(value: Scalar, _argument: None) -> str:
    """``lower``: in small letters."""
    return to_text(value).lower()


def trim(value: Scalar, _argument: None) -> str:
    """``trim``: without white space at the ends."""
    return to_text(value).strip()


def cut(value: Scalar, length: int) -> str:
    """``cut: N``: the first N characters."""
    return to_text(value)[:length]


def replace(value: Scalar, argument: tuple[str, str]) -> str:
    """``replace: {find, with}``: every occurrence."""
    text = to_text(value)
    find, put = argument
    check_length(len(text) + text.count(find) * (len(put) - len(find)))
    return text.replace(find, put)


def prefix(value: Scalar, text: str) -> str:
    """``prefix: TEXT``: with the text before it."""
    return text + to_text(value)


def suffix(value: Scalar, text: str) -> str:
    """``suffix: TEXT``: with the text after it."""
    return to_text(value) + text


def pad_left(value: Scalar, argument: tuple[int, str]) -> str:
    """``pad_left: {width, with}``: filled up in front."""
    return to_text(value).rjust(*argument)


def pad_right(value: Scalar, argument: tuple[int, str]) -> str:
    """``pad_right: {width, with}``: filled up behind."""
    return to_text(value).ljust(*argument)


def read_length(value: object, place: str) -> int:
    """The argument of ``cut``."""
    return a_whole_number(value, place, 1, TEXT_LENGTH_MAX)


def read_replacement(value: object, place: str) -> tuple[str, str]:
    """The argument of ``replace``."""
    keys = keys_of(value, place, ("find", "with"))
    find = a_text(keys["find"], f"{place}.find")
    if not find:
        raise refuse(f"{place}.find", "There is nothing to find.")
    return find, a_text(keys["with"], f"{place}.with")


def read_padding(value: object, place: str) -> tuple[int, str]:
    """The argument of ``pad_left`` and ``pad_right``; a blank where ``with`` is left out."""
    keys: Any = keys_of(value, place, ("width",), ("with",))
    fill = a_text(keys.get("with", " "), f"{place}.with")
    if len(fill) != 1:
        raise refuse(f"{place}.with", "Here one character is expected.")
    return a_whole_number(keys["width"], f"{place}.width", 1, ARGUMENT_LENGTH_MAX), fill
