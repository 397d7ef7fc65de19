"""The kinds of values that stand in the file, each with its check."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from domain.companies.schedule import Schedule
from domain.money import CURRENCIES
from domain.orders.status import CANCELLED, DISPATCHED_FAMILY, NAMES, ON_HOLD
from entrypoints.configuration.country_codes import read_country
from entrypoints.suggestions import did_you_mean

_STATUSES = {status.lower(): status for status in (*NAMES.values(), *map(str, NAMES), *DISPATCHED_FAMILY, *ON_HOLD, *CANCELLED)}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
# What every mail server takes (RFC 5321, ASCII before the @); whether a mailbox exists only its server knows.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_WITH_NAME = re.compile(r"[^<>]*<([^<>]*)>")
_RECIPIENTS_MAX = 50
# Guessed first: GBX is nearer to what is common than to what the alphabet has beside it.
_COMMON_CURRENCIES = ("GBP", "EUR", "USD", "SEK", "NOK", "DKK", "CHF", "PLN", "CAD", "AUD")
_REF = re.compile(r"[^\s/:,\[\]\x00-\x1f]{1,64}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}")


def _currency(text: str) -> str:
    code = text.upper()
    if code not in CURRENCIES:
        meant = did_you_mean(code, _COMMON_CURRENCIES) or did_you_mean(code, CURRENCIES)
        raise ValueError(f"{text!r} is no currency of ISO 4217. {meant}".rstrip())
    return code


def _timezone(text: str) -> str:
    try:
        return Schedule(timezone=text).timezone
    except ValueError as error:
        raise ValueError(f"{error} {did_you_mean(text, _timezones())}".rstrip()) from None


def _timezones() -> set[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - reads a folder tree; only a mistake is worth that

    return available_timezones()


def _weekday(given: Any) -> Any:
    name = str(given).lower()
    if name not in _WEEKDAYS:
        raise ValueError(f"{given!r} is no day of the week. {did_you_mean(name, _WEEKDAYS)}".rstrip())
    return _WEEKDAYS.index(name)


def weekday_name(weekday: int) -> str:
    """The name of a weekday counted from Monday 0."""
    return _WEEKDAYS[weekday]


def _time_of_day(given: Any) -> Any:
    if isinstance(given, str) and _TIME_OF_DAY.fullmatch(given):
        return time.fromisoformat(given)
    raise ValueError(f"{given!r} is no time of day such as 09:30")


def _moment(given: Any) -> Any:
    """A day, or a time; what that is in UTC depends on the plan's zone."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(str(given))
        except ValueError:
            continue
    raise ValueError(f"{given!r} is neither a day such as 2026-01-31 nor a time such as 2026-01-31T09:30")


def _status(text: str) -> str:
    known = _STATUSES.get(text.lower())
    if known is None:
        raise ValueError(f"{text!r} is no order status. {did_you_mean(text, _STATUSES.values())}".rstrip())
    return known


def _addresses(text: str) -> str:
    found = [_address(address.strip()) for address in text.split(",") if address.strip()]
    if len(found) > _RECIPIENTS_MAX:
        raise ValueError(f"{len(found)} addresses are more than {_RECIPIENTS_MAX}; use the address of a mailing list")
    return ",".join(found)


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if text and not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(text) <= 254 and "=?" not in local):  # noqa: PLR2004 - RFC 5321
        raise ValueError(f"{text!r} is no mail address")
    return text


def _sender(text: str) -> str:
    named = _WITH_NAME.fullmatch(text)
    _address(named[1] if named else text)
    return text


def _iban(text: str) -> str:
    compact = re.sub(r"\s", "", text).upper()
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4]) if _IBAN.fullmatch(compact) else "0"
    if text and int(digits) % 97 != 1:  # ISO 13616: the check digits make the whole 1 modulo 97
        raise ValueError(f"{text!r} is no IBAN: its check digits do not fit")
    return text


def _vat_number(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text).upper()


def _ref(text: str) -> str:
    if not _REF.fullmatch(text):
        raise ValueError(f"{text!r} is no reference: 1 to 64 characters, and none of them a space or one of / : , [ ]")
    return text


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f"{text!r} is no name: 1 to 32 small letters, digits, - or _")
    return text


def _no_control_characters(text: str) -> str:
    if any(ord(character) < ord(" ") for character in text):
        raise ValueError("must be one line of text")
    return text


_Line = Annotated[str, AfterValidator(_no_control_characters)]
Text = Annotated[_Line, StringConstraints(max_length=200)]
Name = Annotated[_Line, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=2000)]
# "/" parts the path of an integration, ":" the number from its admin company, and a space would need quotes on the command line.
Ref = Annotated[str, AfterValidator(_ref)]
Slug = Annotated[str, AfterValidator(_slug)]
Country = Annotated[str, AfterValidator(read_country)]
Currency = Annotated[str, AfterValidator(_currency)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Moment = Annotated[date | datetime, BeforeValidator(_moment)]
Status = Annotated[str, AfterValidator(_status)]
MailAddress = Annotated[Text, AfterValidator(_address)]
MailSender = Annotated[Text, AfterValidator(_sender)]
MailAddresses = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_addresses)]
VatNumber = Annotated[Text, AfterValidator(_vat_number)]
Iban = Annotated[Text, AfterValidator(_iban)]
Price = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
