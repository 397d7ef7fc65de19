"""Lists: one filter at most, matched as a part of the text, pages of up to 500, and items that hold less than the documents."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.fortnox.company import STOCKHOLM, Company, Kept
from tests.fakes.fortnox.errors import NotServed, Refused

_GLOBAL = {"lastmodified", "page", "limit", "offset", "sortby", "sortorder", "financialyear", "financialyeardate", "fromdate", "todate"}
_LIMIT_DEFAULT, _LIMIT_MAX = 100, 500

State = Callable[[Kept, Company], bool]


@dataclass(frozen=True, slots=True)
class ListShape:
    """How one resource is listed.

    ``texts`` are the filters that match a part of a field, by parameter; ``flags`` those that are true or false; ``states`` the values
    of ``filter``; ``sorts`` the fields to sort by; ``item`` what a list shows of a document; ``unserved`` what Fortnox knows and this
    fake does not.
    """

    wrapper: str
    resource: str
    item: Callable[[Kept], dict[str, Any]]
    sort_field: str
    texts: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    date_field: str = ""
    unserved: frozenset[str] = frozenset()


def listed(shape: ListShape, company: Company, query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The answer to a list's address."""
    asked = dict(query)
    _check(shape, asked)
    found = [kept for kept in company.register(shape.resource).values() if _matches(shape, company, kept, asked)]
    found = _sorted(shape, [kept for kept in found if _visible(kept)], asked)
    return page_of(shape.wrapper, [shape.item(kept) for kept in found], asked)


def page_of(wrapper: str, items: list[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    """One page and where it stands."""
    limit, page = _whole(asked, "limit", _LIMIT_DEFAULT), _whole(asked, "page", 1)
    offset = _whole(asked, "offset", 0, least=0)
    if limit > _LIMIT_MAX:
        raise Refused(2000588, "En ogiltig parameter har använts (limit).")
    items = items[offset:]
    meta = {"@TotalResources": len(items), "@TotalPages": math.ceil(len(items) / limit), "@CurrentPage": page}
    return {"MetaInformation": meta, wrapper: items[(page - 1) * limit : page * limit]}


def _check(shape: ListShape, asked: Mapping[str, str]) -> None:
    for name in asked:
        if name in shape.unserved:
            raise NotServed(name)
        if name not in _GLOBAL | shape.texts.keys() | shape.flags.keys() | {"filter"}:
            raise Refused(2000588, f"En ogiltig parameter har använts ({name}).")
    if asked.keys() & {"fromdate", "todate"} and not shape.date_field:
        raise Refused(2000588, "En ogiltig parameter har använts (fromdate).")
    if "filter" in asked and asked["filter"] not in shape.states:
        raise Refused(2000587, "Ett ogiltigt filter har använts.")
    if asked.get("sortby") not in {None, *shape.sorts}:
        raise Refused(2000588, "En ogiltig parameter har använts (sortby).")
    if "lastmodified" in asked:
        _moment(asked["lastmodified"])
    # The documentation allows one; what a second one does is not told. Refusing shows it to whoever relies on two.
    if len(asked.keys() - _GLOBAL) > 1:
        raise Refused(2000588, "Endast ett filter kan användas åt gången.")


def _matches(shape: ListShape, company: Company, kept: Kept, asked: Mapping[str, str]) -> bool:
    for name, value in asked.items():
        if name in shape.texts and value.casefold() not in str(kept.get(shape.texts[name]) or "").casefold():
            return False
        if name in shape.flags and kept[shape.flags[name]] != (value == "true"):
            return False
    if "filter" in asked and not shape.states[asked["filter"]](kept, company):
        return False
    return _within(shape, kept, asked)


def _within(shape: ListShape, kept: Kept, asked: Mapping[str, str]) -> bool:
    if "lastmodified" in asked and kept.modified_at < _moment(asked["lastmodified"]):
        return False
    day = str(kept.get(shape.date_field) or "")
    return asked.get("fromdate", "") <= day <= asked.get("todate", "9999-12-31") if shape.date_field else True


def _moment(text: str) -> datetime:
    # Minutes, in Swedish time: what changed within the minute is shown.
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=STOCKHOLM)
        except ValueError:
            continue
    raise Refused(2000588, "En ogiltig parameter har använts (lastmodified).")


def _visible(kept: Kept) -> bool:
    if kept.hidden_lists == 0:
        return True
    kept.hidden_lists -= 1
    return False


def _sorted(shape: ListShape, found: list[Kept], asked: Mapping[str, str]) -> list[Kept]:
    name = shape.sorts.get(asked.get("sortby", ""), shape.sort_field)

    def key(kept: Kept) -> tuple[float, str]:
        value = kept.get(name) or ""
        if isinstance(value, (int, float)) or value.isdecimal():
            return float(value), ""
        return 0, str(value).casefold()

    return sorted(found, key=key, reverse=asked.get("sortorder") == "descending")


def _whole(asked: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = asked.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise Refused(2000588, f"En ogiltig parameter har använts ({name}).")
    return int(text)
