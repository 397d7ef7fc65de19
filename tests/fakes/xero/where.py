"""Xero's filter expressions, as far as anybody needs them: comparisons joined by AND."""

import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from tests.fakes.xero.wire import Body, refuse

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"]*") |
        (?P<guid>Guid\("[0-9a-fA-F-]{36}"\)) |
        (?P<day>DateTime\(\s*\d{4}\s*,\s*\d{1,2}\s*,\s*\d{1,2}\s*\)) |
        (?P<sign>==|!=|>=|<=|>|<|=) |
        (?P<joint>AND\b|&&) |
        (?P<figure>-?\d+(?:\.\d+)?) |
        (?P<name>[A-Za-z][A-Za-z.]*)
    )""",
    re.VERBOSE,
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other),
    "=": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    ">=": lambda one, other: one is not None and bool(one >= other),
    "<=": lambda one, other: one is not None and bool(one <= other),
    ">": lambda one, other: one is not None and bool(one > other),
    "<": lambda one, other: one is not None and bool(one < other),
}
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def matching(records: list[Body], where: str | None) -> list[Body]:
    """Those that an expression lets through; texts are compared without case and accents. Error: Refused, with Xero's 400."""
    if not where:
        return records
    conditions = _conditions(where)
    return [record for record in records if all(condition(record) for condition in conditions)]


def folded(text: str) -> str:
    """A text as look-ups compare it."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return plain.casefold()


def _conditions(where: str) -> list[Callable[[Body], bool]]:
    tokens = _tokens(where)
    if len(tokens) % 4 != 3 or any(token.kind != "joint" for token in tokens[3::4]):
        _unreadable(where)
    return [_condition(tokens[start : start + 3], where) for start in range(0, len(tokens), 4)]


def _condition(tokens: list[_Token], where: str) -> Callable[[Body], bool]:
    name, sign, value = tokens
    if name.kind != "name" or sign.kind != "sign":
        _unreadable(where)
    compare, wanted = _SIGNS[sign.text], _value(value, where)
    return lambda record: compare(_comparable(_field(record, name.text)), wanted)


def _tokens(where: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    rest = where.rstrip()
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None or found.lastgroup is None:
            _unreadable(where)
        tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def _value(token: _Token, where: str) -> object:
    if token.kind == "text":
        return folded(token.text[1:-1])
    if token.kind == "guid":
        return folded(str(uuid.UUID(token.text[6:-2])))
    if token.kind == "day":
        return date(*(int(part) for part in re.findall(r"\d+", token.text)))
    if token.kind == "figure":
        return Decimal(token.text)
    if token.text not in _WORDS:
        _unreadable(where)
    return _WORDS[token.text]


def _field(record: Body, name: str) -> object:
    value: object = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _comparable(value: object) -> object:
    if isinstance(value, str):
        return folded(value)
    return value.date() if isinstance(value, datetime) else value


def _unreadable(where: str) -> NoReturn:
    refuse(400, {"ErrorNumber": 16, "Type": "QueryParseException", "Message": f"The query could not be parsed: {where}"})
