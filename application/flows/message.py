"""A source's record as a message in the public format of orders."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from application.ports.source import SourceItem
from domain.companies.flow import Flow
from domain.invoicing.content import canonical_json
from domain.mapping.errors import FieldMapRefused, MappingFailed
from domain.mapping.field_map import FieldMap, parse_field_map

ROOTS: Final = frozenset({"order", "record"})
_LINES: Final = "items[]"
# By these an order is known, and told from all others: no map may change them.
OURS: Final = frozenset({"id", "ref", "version", "updated_at", "company_ref_id", "secondary_company_ref_id", "status"})


def order_message(flow: Flow, item: SourceItem) -> dict[str, Any]:
    """The message; the flow's own map lies over what the source gives. Raises MappingFailed with the place to correct."""
    fields = {name: value for name, value in item.fields.items() if value not in (None, "")}
    if flow.field_map:
        try:
            made = parsed(flow).apply({"order": fields, "record": item.record})
        except MappingFailed as failed:
            raise MappingFailed(f"flows[{flow.name}].field_map.{failed.path}", failed.reason) from failed
        fields = _merged(fields, made)
    return {**fields, "ref": ref_of(flow, item), "company_ref_id": flow.target.partition("/")[0]}


def plain_message(flow: Flow, item: SourceItem) -> dict[str, Any]:
    """As the source gives it, without the flow's own map."""
    return order_message(replace(flow, field_map={}), item)


def ref_of(flow: Flow, item: SourceItem) -> str:
    """The ref of an order: of no other flow, and of no order management system."""
    return f"{flow.name}-{item.key}"


def fingerprint(flow: Flow, item: SourceItem) -> str:
    """Of what was taken and how: another map takes everything anew, which changes nothing where it comes to the same."""
    plain = json.dumps([item.fields, flow.field_map], default=str, sort_keys=True)
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def body_of(message: Mapping[str, Any]) -> bytes:
    """The same message always gives the same bytes, so that one that comes again is known as the same."""
    return canonical_json(json.loads(json.dumps(message, default=str))).encode("utf-8", "replace")


def parsed(flow: Flow) -> FieldMap:
    """The flow's map, read once. What was applied was checked before."""
    return _parsed(json.dumps(flow.field_map, default=str))


@lru_cache(maxsize=128)
def _parsed(declared: str) -> FieldMap:
    return parse_field_map(_followed(json.loads(declared)), roots=ROOTS)


def _followed(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """A field of the lines that reads no list is the same on each line."""
    of_lines = [rule for target, rule in declared.items() if str(target).startswith(_LINES)]
    is_plain = of_lines and _LINES not in declared and "[]" not in json.dumps(of_lines, default=str)
    return {**declared, _LINES: {"each": f"order.{_LINES}"}} if is_plain else declared


def mistakes_of(declared: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a declared map: the field and a sentence, for each."""
    found = [
        (target, "Billhook itself sets this field: by it the order is known.")
        for target in declared
        if str(target).partition(".")[0] in OURS
    ]
    try:
        parse_field_map(_followed(declared), roots=ROOTS)
    except FieldMapRefused as refused:
        found += [(mistake.path.removeprefix("field_map.").removeprefix("field_map"), mistake.text) for mistake in refused.mistakes]
    return found


def _merged(ours: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ours)
    for name, value in made.items():
        if name == "items" and isinstance(value, list):
            items = ours.get("items") or []
            if len(value) != len(items):
                raise MappingFailed("items", f"It has {len(value)} entries, and the order has {len(items)}: let it follow order.items[].")
            merged[name] = [{**item, **entry} for item, entry in zip(items, value, strict=True)]
        else:
            merged[name] = value
    return merged
