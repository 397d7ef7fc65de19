"""What goes over the wire: a call, an answer, and the JSON that Xero writes (exact decimals, dates as milliseconds)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

Body = dict[str, Any]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
# A date is given twice: in milliseconds, and as text under a second name.
_SHOWN_TWICE = frozenset({"Date", "DueDate", "DeliveryDate", "ExpectedArrivalDate"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``path`` is without its query and not percent-decoded; names of ``headers`` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body, its figures as exact decimals. Error: Refused, as Xero answers what is no JSON."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            refuse(400, {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "Invalid Json data"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, its length not yet counted."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body, parse_float=Decimal)


class Refused(Exception):
    """The call ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(status: int, body: object, **headers: str) -> Answer:
    """An answer in JSON; names of headers are written with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, _ENCODER.encode(body), {"Content-Type": "application/json; charset=utf-8", **named})


def text_answer(status: int, text: str, media_type: str = "text/plain") -> Answer:
    """An answer in words, as gateways and load balancers give."""
    return Answer(status, text.encode(), {"Content-Type": f"{media_type}; charset=utf-8"})


def refuse(status: int, body: object) -> NoReturn:
    """End the call with this JSON."""
    raise Refused(json_answer(status, body))


def not_found() -> NoReturn:
    """End the call as Xero does where there is nothing: 404, in words."""
    raise Refused(text_answer(404, "The resource you're looking for cannot be found"))


def milliseconds(moment: datetime) -> str:
    """A moment as Xero writes it; the offset is decoration, the figure is UTC."""
    return f"/Date({int(moment.timestamp() * 1000)}+0000)/"


def shown(value: Any) -> Any:
    """A record as its JSON shows it; names that begin with ``_`` are our own notes and stay here."""
    if isinstance(value, dict):
        return _shown_record(value)
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, date):
        return milliseconds(_midnight(value))
    return value


def _shown_record(record: Body) -> Body:
    seen: Body = {}
    for name, value in record.items():
        if name.startswith("_") or value is None:
            continue
        if name in _SHOWN_TWICE and isinstance(value, date):
            seen[f"{name}String"] = f"{value.isoformat()}T00:00:00"
        seen[name] = shown(value)
    return seen


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
