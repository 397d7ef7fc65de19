"""Checks of what is sent: each complaint names its parameter, as jortt's do."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tests.fakes.jortt.errors import Detail, Refusal, invalid
from tests.fakes.jortt.http import JSON, Request

Check = Callable[[Any], bool]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MONEY = re.compile(r"-?\d+(\.\d{1,2})?")
_FRACTION = re.compile(r"0(\.\d+)?|1(\.0+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def text(value: Any) -> bool:
    """Any text."""
    return isinstance(value, str)


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def whole(value: Any) -> bool:
    """A whole number from zero on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def uuid(value: Any) -> bool:
    """An id."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def country(value: Any) -> bool:
    """Two capital letters."""
    return isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) is not None


def day(value: Any) -> bool:
    """A date as YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def quantity(value: Any) -> bool:
    """A number in a string."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def amount(value: Any) -> bool:
    """Euros in a string, with at most two decimals, and the currency. More decimals may be allowed; that is not known."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("amount"), str)
        and _MONEY.fullmatch(value["amount"]) is not None
        and value.get("currency") == "EUR"
    )


def vat(value: Any) -> bool:
    """A fraction in a string, and a category or null."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        return False
    return _FRACTION.fullmatch(value["value"]) is not None and isinstance(value.get("category"), str | None)


def texts(value: Any) -> bool:
    """A list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def discounts(value: Any) -> bool:
    """Percentages, each with a description or none."""
    return isinstance(value, list) and all(isinstance(each, dict) and whole(each.get("percentage")) for each in value)


def one_of(*names: str) -> Check:
    """One of some words."""
    return lambda value: value in names


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal as jortt does for other types, bad JSON and bad UTF-8."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
        raise Refusal(422, "params.invalid_format")
    try:
        document = json.loads(request.body.decode())
    except UnicodeDecodeError:
        raise Refusal(422, "params.invalid_encoding") from None
    except ValueError:
        raise Refusal(422, "params.invalid_format") from None
    if not isinstance(document, dict):
        raise Refusal(422, "params.invalid_format")
    return document


def require(body: Mapping[str, Any], fields: Mapping[str, Check], required: tuple[str, ...]) -> None:
    """Raises Refusal with every complaint at once. A null or empty value counts as missing where one is required."""
    missing = [Detail("is_missing", name) for name in required if body.get(name) in (None, "", [])]
    named = {detail.param for detail in missing}
    wrong = [
        Detail("is_invalid", name)
        for name, check in fields.items()
        if name not in named and body.get(name) is not None and not check(body[name])
    ]
    if missing or wrong:
        raise invalid(*missing, *wrong)
