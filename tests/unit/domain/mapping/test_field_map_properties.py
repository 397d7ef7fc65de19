"""Laws of the field map: it ends in a result or in one of its own refusals, is the same every time, and leaves the source alone."""

import copy
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mapping.arguments import no_argument
from domain.mapping.errors import FieldMapRefused, MappingFailed, Mistake
from domain.mapping.field_map import FieldMap, parse_field_map
from domain.mapping.functions import FUNCTIONS

SCALARS = (str, bool, int, Decimal, date)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=12)
    | st.dates()
    | st.datetimes()
    | st.sampled_from(["1e40", "-0", "9" * 40, "0000-00-00", "2026-11-21 10:00:00+23:59", "%d/%m/%Y", "%Y-%m-%d", "9999-12-31"])
)
# A signalling NaN is the one value that cannot be a key.
keys = scalars.filter(lambda value: not isinstance(value, Decimal) or not value.is_snan())
names = st.sampled_from(["a", "b", "c"])
words = names | names.map("{}[]".format)
paths = st.lists(words, min_size=1, max_size=4).map(".".join)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=3)
)
sources = st.dictionaries(names, anything, max_size=3)
arguments = scalars | st.fixed_dictionaries(
    {},
    optional={
        "find": scalars,
        "with": scalars,
        "width": scalars,
        "decimals": st.integers(0, 12),
        "decimal_mark": scalars,
        "thousands": scalars,
    },
)
small_arguments = st.sampled_from([2, -3, "1.5", ",", "%d.%m.%Y", {"find": "1", "with": "22"}, {"width": 4, "with": "0"}, {"decimals": 2}])
functions = st.sampled_from(sorted(FUNCTIONS))
steps = functions | st.dictionaries(functions, small_arguments | arguments, min_size=1, max_size=1)
# Maps that are mostly right, so that the laws are tried on results and not only on refusals.
constants = st.text(max_size=5) | st.integers(-5, 5) | st.booleans() | st.dates()
right_steps = functions.filter(lambda name: FUNCTIONS[name].read is no_argument) | st.sampled_from(
    [
        {"cut": 2},
        {"prefix": "+"},
        {"pad_left": {"width": 4, "with": "0"}},
        {"replace": {"find": "0", "with": "00"}},
        {"round": 1},
        {"multiply": "1e9"},
        {"add": -1},
        {"number_format": {"decimals": 2, "thousands": ","}},
        {"date_format": "%d.%m.%Y"},
        {"parse_date": "%d.%m.%Y"},
        {"add_days": 30000},
        {"join": ","},
    ]
)
conditions = st.tuples(
    paths, st.tuples(st.sampled_from(["equals", "not_equals"]), constants) | st.tuples(st.just("has_value"), st.booleans())
).map(lambda drawn: {"path": drawn[0], drawn[1][0]: drawn[1][1]})
right_rules = st.fixed_dictionaries(
    {
        "from": paths | st.lists(paths, min_size=1, max_size=3),
        "default": constants,
        "table": st.dictionaries(constants, constants, max_size=3),
    },
    optional={
        "force": st.booleans(),
        "required": st.booleans(),
        "functions": st.lists(right_steps, max_size=3),
        "otherwise": constants,
        "when": conditions,
    },
).map(lambda rule: rule if rule["table"] else {key: rule[key] for key in rule if key not in {"table", "otherwise"}})
rules = st.fixed_dictionaries(
    {"from": paths},
    optional={"default": scalars, "functions": st.lists(steps, max_size=3), "table": st.dictionaries(keys, scalars), "when": scalars},
)
# Each target has its own first name, so that few are used in two ways.
targets = st.sampled_from(["f", "g.a", "g.b", "r[].a", "r[].b", "s[]", "t[].u[].a"])
maps = st.dictionaries(targets, paths | right_rules, max_size=3) | st.dictionaries(
    paths | targets, paths | rules | right_rules | st.fixed_dictionaries({"each": paths}, optional={"when": conditions}), max_size=4
)


def is_plain(value: Any) -> bool:
    """Made of groups, lists and the scalars a map carries."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_plain(inner) for name, inner in value.items())
    return all(map(is_plain, value)) if isinstance(value, list) else isinstance(value, SCALARS)


def result_of(field_map: FieldMap, source: dict[str, Any]) -> Any:
    """The result, or the refusal as its path and sentence."""
    try:
        return field_map.apply(source)
    except MappingFailed as failed:
        return (failed.path, failed.reason)


def is_refusal(result: Any) -> bool:
    """With a path and a sentence."""
    return isinstance(result, tuple) and all(result)


@settings(max_examples=300, deadline=None)
@given(maps, sources)
def test_a_map_is_refused_or_applied_and_nothing_else_happens(declared: dict[str, Any], source: dict[str, Any]) -> None:
    """Twice the same result, of plain values, from a source that stays as it was."""
    with suppress(FieldMapRefused):
        field_map = parse_field_map(declared)
        before = repr(source)

        result = result_of(field_map, source)

        assert is_refusal(result) or is_plain(result)
        assert repr(result_of(parse_field_map(copy.deepcopy(declared)), copy.deepcopy(source))) == repr(result)
        assert repr(source) == before


@settings(max_examples=150, deadline=None)
@given(anything | st.dictionaries(keys, anything, max_size=3))
def test_whatever_is_declared_is_read_or_refused(declared: Any) -> None:
    """YAML can hold anything; each mistake has its place."""
    mistakes: tuple[Mistake, ...] = ()
    try:
        parse_field_map(declared)
    except FieldMapRefused as refused:
        mistakes = refused.mistakes

    assert all(mistake.path.startswith("field_map") and mistake.text for mistake in mistakes)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=1, max_size=4), scalars | st.lists(scalars, max_size=4))
def test_a_pipeline_ends_in_a_value_or_in_its_refusal(pipeline: list[Any], value: Any) -> None:
    """Every function with any argument, on any value."""
    with suppress(FieldMapRefused):
        path = "x[]" if isinstance(value, list) else "x"
        field_map = parse_field_map({"field": {"from": path, "functions": pipeline}})

        result = result_of(field_map, {"x": value})

        assert is_refusal(result) or is_plain(result)


@given(st.datetimes() | st.dates())
def test_a_day_that_is_written_and_read_again_is_the_same_day(day: date | datetime) -> None:
    """In any form that names year, month and day."""
    form = "%d|%m|%Y"
    field_map = parse_field_map({"day": {"from": "day", "functions": [{"date_format": form}, {"parse_date": form}]}})

    assert field_map.apply({"day": day}) == {"day": day.date() if isinstance(day, datetime) else day}
