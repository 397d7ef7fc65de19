"""Functions on days and times. Text in ISO 8601 is read first; nothing depends on the language of the machine."""

import re
from datetime import date, datetime, timedelta

from domain.mapping.arguments import a_text, a_whole_number
from domain.mapping.errors import MappingFailed, refuse, shown
from domain.mapping.values import Scalar, to_day, to_text

DAYS_MAX = 36_500
_LETTERS = frozenset("YmdHMS")
_SHOWN = "%Y %m %d %H %M %S"
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def date_format(value: Scalar, form: str) -> str | None:
    """``date_format: FORM``: a day or time written as the form says."""
    day = to_day(value)
    if day is None:
        return None
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001 - only its digits are used
    digits = {"Y": f"{moment.year:04}", "m": f"{moment.month:02}", "d": f"{moment.day:02}"}
    digits |= {"H": f"{moment.hour:02}", "M": f"{moment.minute:02}", "S": f"{moment.second:02}", "%": "%"}
    return _DIRECTIVE.sub(lambda match: digits[match[1]], form)


def parse_date(value: Scalar, form: str) -> date:
    """``parse_date: FORM``: a text in that form as a day, or as a time where the form has an hour."""
    text = to_text(value).strip()
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - the text says no zone, and none is made up
    except ValueError:
        raise MappingFailed("", f"{shown(text)!r} is not written as {form}.") from None
    return moment if "%H" in form else moment.date()


def add_days(value: Scalar, days: int) -> date | None:
    """``add_days: N``: that many days later; a negative number is earlier."""
    day = to_day(value)
    try:
        return None if day is None else day + timedelta(days)
    except OverflowError:
        raise MappingFailed("", f"There is no day {days} days from {day}.") from None


def read_form(value: object, place: str) -> str:
    """The form of a date: text with ``%Y %m %d %H %M %S`` in it."""
    form = a_text(value, place)
    letters = [match[1] for match in _DIRECTIVE.finditer(form)]
    if not _LETTERS & set(letters) or not set(letters) <= _LETTERS | {"%"}:
        raise refuse(place, f"A date is written with {_SHOWN}, for example %d/%m/%Y.")
    return form


def read_form_to_parse(value: object, place: str) -> str:
    """The form of ``parse_date``, which must name a whole day, each part once."""
    form = read_form(value, place)
    letters = [match[1] for match in _DIRECTIVE.finditer(form)]
    if not {"Y", "m", "d"} <= set(letters) or any(letters.count(letter) > 1 for letter in _LETTERS):
        raise refuse(place, "To read a date its form needs %Y, %m and %d, each once.")
    return form


def read_days(value: object, place: str) -> int:
    """The argument of ``add_days``."""
    return a_whole_number(value, place, -DAYS_MAX, DAYS_MAX)
