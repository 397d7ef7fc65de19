from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Invalid
from domain.mapping import limits
from domain.mapping.errors import FieldMapRefused, MappingFailed
from domain.mapping.field_map import parse_field_map

ORDER = {
    "order": {"ref": "90001", "empty": "  ", "price": 3.5, "tags": ["a", "", "b"], "group": {"x": 1}, "nothing": [], "paid": True},
    "lines": [{"sku": "TEE", "net": "12.50", "parts": [{"n": 1}, {"n": 2}]}, {"sku": "MUG", "net": "4.00"}],
}


def applied(declared: Any, source: dict[str, Any] | None = None) -> dict[str, Any]:
    return parse_field_map(declared).apply(ORDER if source is None else source)


def one(rule: Any, source: dict[str, Any] | None = None) -> Any:
    """The value of a single field; absent where it is left out."""
    return applied({"field": rule}, source).get("field", "absent")


def refusals(declared: Any, **options: Any) -> list[str]:
    with pytest.raises(FieldMapRefused) as refused:
        parse_field_map(declared, **options)
    return [str(mistake) for mistake in refused.value.mistakes]


def failure(declared: Any, source: dict[str, Any] | None = None) -> MappingFailed:
    with pytest.raises(MappingFailed) as failed:
        applied(declared, source)
    return failed.value


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("order.ref", "90001"),
        ("order.price", Decimal("3.5")),
        ("order.paid", True),
        ("order.empty", "absent"),
        ("order.missing.deeper", "absent"),
        ("order.ref.deeper", "absent"),
        ("order.nothing", "absent"),
        ("order.nothing.deeper", "absent"),
        ("order.tags[]", ["a", "b"]),
        ("missing[].sku", "absent"),
        ("lines[].parts[].n", [1, 2]),
        ({"value": ""}, ""),
        ({"value": date(2026, 1, 1)}, date(2026, 1, 1)),
        ({"from": "order.empty", "default": 0}, 0),
        ({"from": "order.ref", "default": "x"}, "90001"),
        ({"from": "order.ref", "default": "x", "force": True}, "x"),
        ({"from": "order.ref", "table": {90001: "known"}}, "known"),
        ({"from": "order.price", "table": {"3.5": "known"}}, "known"),
        ({"from": "order.empty", "table": {"": "nothing", "x": "y"}}, "nothing"),
        ({"from": "order.empty", "table": {"x": "y"}}, "absent"),
        ({"from": "order.ref", "table": {"x": "y"}, "otherwise": "other"}, "other"),
        ({"from": "order.tags[]", "table": {"a": 1, "b": 2}}, [1, 2]),
        ({"from": ["order.empty", "order.ref", "lines[].sku"]}, ["90001", "TEE", "MUG"]),
    ],
    ids=str,
)
def test_a_rule_gives_the_value_it_declares(rule: Any, value: Any) -> None:
    """Or leaves the field out."""
    assert one(rule) == value


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"path": "order.ref", "equals": 90001}, True),
        ({"path": "order.ref", "equals": "90001.0"}, False),
        ({"path": "order.price", "equals": Decimal("3.50")}, True),
        ({"path": "order.paid", "equals": True}, True),
        ({"path": "order.paid", "equals": "true"}, True),
        ({"path": "order.ref", "not_equals": 1}, True),
        ({"path": "order.ref", "not_equals": 90001}, False),
        ({"path": "order.missing", "not_equals": 1}, True),
        ({"path": "order.missing", "equals": ""}, True),
        ({"path": "order.ref", "in": [1, 90001]}, True),
        ({"path": "order.ref", "in": ["x"]}, False),
        ({"path": "order.empty", "has_value": True}, False),
        ({"path": "order.empty", "has_value": False}, True),
        ({"path": "order.group", "has_value": True}, True),
        ({"path": "lines[].sku", "equals": "MUG"}, True),
        ({"path": "lines[].sku", "not_equals": "MUG"}, False),
        ({"path": "lines[].sku", "has_value": True}, True),
    ],
    ids=str,
)
def test_a_condition_decides_whether_the_field_is_there(condition: Any, holds: bool) -> None:
    """Numbers are equal to the text that spells them; of a list one element is enough."""
    assert one({"value": 1, "when": condition}) == (1 if holds else "absent")


def test_the_first_rule_that_holds_counts() -> None:
    """A later one is not looked at."""
    never = {"value": "never", "when": {"path": "order.ref", "equals": "x"}}

    assert one([never, {"value": "first"}, {"from": "order.group", "required": True}]) == "first"
    assert one([never, never]) == "absent"


def test_lists_follow_the_lists_of_their_fields() -> None:
    """Lists in lists too; an entry without fields keeps its place."""
    result = applied({"rows[].sku": "lines[].sku", "rows[].ref": "order.ref", "rows[].parts[].n": "lines[].parts[].n"})

    assert result == {
        "rows": [{"sku": "TEE", "ref": "90001", "parts": [{"n": 1}, {"n": 2}]}, {"sku": "MUG", "ref": "90001", "parts": []}],
    }
    assert applied({"rows[].n": "lines[].missing"}) == {"rows": [{}, {}]}


def test_a_function_inside_an_entry_sees_only_its_element() -> None:
    """A deeper list of the same element is taken together; another list needs to be named."""
    rule = {"from": "lines[].parts[].n", "functions": ["sum"]}

    assert applied({"rows[].sku": "lines[].sku", "rows[].n": rule})["rows"] == [
        {"sku": "TEE", "n": Decimal(3)},
        {"sku": "MUG", "n": Decimal(0)},
    ]
    other = {"rows[]": {"each": "lines[]"}, "rows[].tags": {"from": "order.tags[]", "functions": [{"join": "+"}]}}
    assert applied(other) == {"rows": [{"tags": "a+b"}, {"tags": "a+b"}]}


def test_an_entry_for_the_list_picks_its_elements() -> None:
    """By a condition on each."""
    tie = {"each": "lines[]", "when": {"path": "lines[].sku", "not_equals": "TEE"}}

    assert applied({"rows[]": tie, "rows[].sku": "lines[].sku", "codes[]": "lines[].sku"}) == {
        "rows": [{"sku": "MUG"}],
        "codes": ["TEE", "MUG"],
    }


@pytest.mark.parametrize(
    ("declared", "path", "reason"),
    [
        ({"a.b": {"from": "order.empty", "required": True}}, "a.b", "required"),
        ({"a": "order.group"}, "a", "group of fields"),
        ({"a": "order.tags"}, "a", "order.tags is a list; write order.tags[]"),
        ({"a": "order.ref[]"}, "a", "ref is no list"),
        ({"rows[].a": "order.ref[]"}, "rows", "ref is no list"),
        ({"rows[].sku": {"from": "lines[].sku", "table": {"TEE": 1}}}, "rows[1].sku", "no entry for 'MUG'"),
        ({"rows[].n": {"from": "lines[].sku", "functions": [{"round": 2}]}}, "rows[0].n", "round: 'TEE' is no number"),
        ({"a": {"from": "order.ref", "when": {"path": "order.group", "equals": 1}}}, "a", "group of fields"),
        ({"r[]": {"each": "lines[]", "when": {"path": "order.group", "equals": 1}}, "r[].a": "lines[].sku"}, "r[0]", "group of fields"),
    ],
    ids=str,
)
def test_a_failure_names_the_field(declared: Any, path: str, reason: str) -> None:
    """As a permanent refusal with a stable code."""
    failed = failure(declared)

    assert (failed.code, failed.path) == ("mapping_failed", path)
    assert reason in failed.text


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        (None, "field_map: A field map has"),
        ([], "field_map: A field map has"),
        ({}, "field_map: A field map has"),
        (dict.fromkeys(map(str, range(limits.FIELDS_MAX + 1)), "a"), "field_map: A field map has"),
        ({"a": None}, "field_map.a: Here a group with the keys from"),
        ({"a": ""}, "field_map.a: Here a path is expected"),
        ({"a": []}, "field_map.a: Here 1 to"),
        ({"a": {}}, "field_map.a: A field has either"),
        ({"a": {"from": "b", "value": 1}}, "field_map.a: A field has either"),
        ({"a": {"from": "b..c"}}, "field_map.a.from: A path is made of names"),
        ({"a": {"from": "b[0].c"}}, "field_map.a.from: A path is made of names"),
        ({"a": {"from": ".".join("b" * 17)}}, "field_map.a.from: A path has at most 16 parts"),
        ({"a": {"from": "b" * 101}}, "field_map.a.from: A path is made of names"),
        ({"a": {"from": " b"}}, "field_map.a.from: A path is made of names"),
        ({"a": {"from": []}}, "field_map.a.from: Here 1 to 20 paths"),
        ({"a": {"from": ["b", 1]}}, "field_map.a.from[1]: Here a path is expected"),
        ({1: "a"}, "field_map.1: Here a path is expected"),
        ({"a": {"from": "b", "frm": 1}}, "field_map.a: There is no 'frm' here"),
        ({"a": {"value": {}}}, "field_map.a.value: Here a number"),
        ({"a": {"value": float("nan")}}, "field_map.a.value: Here a number"),
        ({"a": {"value": 10**50}}, "field_map.a.value: Here a number"),
        ({"a": {"value": "x" * 1001}}, "field_map.a.value: Here a number"),
        ({"a": {"value": 1, "default": 2}}, "field_map.a.default: This needs `from`"),
        ({"a": {"from": "b", "force": True}}, "field_map.a.force: This needs `default`"),
        ({"a": {"from": "b", "default": 1, "force": "yes"}}, "field_map.a.force: Here true or false"),
        ({"a": {"from": "b", "otherwise": 1}}, "field_map.a.otherwise: This needs `table`"),
        ({"a": {"from": "b", "table": {}}}, "field_map.a.table: Here a table"),
        ({"a": {"from": "b", "table": {False: "Norway"}}}, "field_map.a.table: A key that YAML reads as true or false"),
        ({"a": {"from": "b", "table": {None: 1}}}, "field_map.a.table.None: Here a number"),
        ({"a": {"from": "b", "table": {"x": []}}}, "field_map.a.table.x: Here a number"),
        ({"a": {"from": "b", "when": {"path": "c"}}}, "field_map.a.when: A condition has a path and one of"),
        ({"a": {"from": "b", "when": {"path": "c", "equals": 1, "in": [1]}}}, "field_map.a.when: A condition has"),
        ({"a": {"from": "b", "when": {"path": "c", "in": []}}}, "field_map.a.when.in: Here a list"),
        ({"a": {"from": "b", "when": {"path": "c", "has_value": 1}}}, "field_map.a.when.has_value: Here true or false"),
        ({"a": {"from": "b", "when": {"equals": 1}}}, "field_map.a.when: The key path is missing"),
        ({"a": {"from": "b", "functions": ["eval"]}}, "field_map.a.functions[0]: There is no 'eval' here"),
        ({"a": {"from": "b", "functions": ["__class__"]}}, "field_map.a.functions[0]: There is no '__class__' here"),
        ({"a": {"from": "b", "functions": [{"cut": 1, "trim": None}]}}, "field_map.a.functions[0]: Here one function"),
        ({"a": {"from": "b", "functions": ["trim"] * 21}}, "field_map.a.functions: At most 20"),
        ({"a": "x", "a.b": "y"}, "field_map.a: This is used in two ways"),
        ({"a[]": "x[]", "a.b": "y"}, "field_map.a: This is used in two ways"),
        ({"a[].b": "order.ref"}, "field_map.a: No field below comes from a list; say"),
        ({"a[].b": "x[].c", "a[].d": "y[].e"}, "field_map.a: The fields below come from x[] and y[]; say"),
        ({"a[]": {"each": "lines[]"}}, "field_map.a[]: This has no fields"),
        ({"a": {"each": "lines[]"}}, "field_map.a: `each` belongs to a list: a[]"),
        ({"a[]": {"each": "lines"}}, "field_map.a[].each: Here a list is expected: lines[]"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_mistake_is_refused_with_its_place(declared: Any, mistake: str) -> None:
    """One sentence each, beginning with the path."""
    [found] = refusals(declared)

    assert found.startswith(mistake)


def test_every_mistake_is_told_at_once() -> None:
    """One for each field; names that do not exist come with those that do, for a suggestion."""
    with pytest.raises(FieldMapRefused) as refused:
        parse_field_map({"a": {"form": "x"}, "b": 1, "c": {"from": "x", "functions": ["uper"]}}, "settings.field_map")

    first, second, third = refused.value.mistakes
    assert [first.path, second.path, third.path] == ["settings.field_map.a", "settings.field_map.b", "settings.field_map.c.functions[0]"]
    assert (first.name, "from" in first.known, third.name, "upper" in third.known) == ("form", True, "uper", True)
    assert isinstance(refused.value, Invalid)
    assert refused.value.path == "settings.field_map.a"
    assert "settings.field_map.b: Here" in refused.value.text


def test_a_path_to_nowhere_is_refused_where_the_first_names_are_known() -> None:
    """In conditions too; a slip would otherwise be an empty field."""
    declared = {"a": "ordr.ref", "b": {"value": 1, "when": {"path": "lines[].x", "has_value": True}}}

    assert refusals(declared, roots={"order", "lines"}) == ["field_map.a: There is no 'ordr' to read from; a document has lines, order."]


def test_the_source_is_left_alone_and_shares_nothing() -> None:
    """A change of the result is no change of the source, and the other way round."""
    source = {"order": {"tags": ["a"]}, "lines": [{"sku": "TEE"}]}
    field_map = parse_field_map({"tags": "order.tags[]", "rows[].sku": "lines[].sku"})

    result = field_map.apply(source)
    result["tags"].append("b")
    result["rows"][0]["sku"] = "other"

    assert source == {"order": {"tags": ["a"]}, "lines": [{"sku": "TEE"}]}
    assert field_map.apply(source) == {"tags": ["a"], "rows": [{"sku": "TEE"}]}


@pytest.mark.parametrize(
    ("declared", "source", "reason"),
    [
        ({"a": "x"}, {"x": "y" * 100_001}, "longer than 100000 characters"),
        ({"a": {"from": "x[]", "functions": [{"join": ","}]}}, {"x": ["y" * 60_000] * 2}, "longer than"),
        ({"a": {"from": "x", "functions": [{"replace": {"find": "y", "with": "z" * 1000}}]}}, {"x": "y" * 1000}, "longer than"),
        ({"a": "x"}, {"x": 10**41}, "40 digits"),
        ({"a": "x"}, {"x": float("inf")}, "no number"),
        ({"a": "x"}, {"x": Decimal("sNaN")}, "40 digits"),
        ({"a": {"from": "x", "functions": [{"multiply": 10**30}]}}, {"x": 10**30}, "40 digits"),
        ({"a": "x[]"}, {"x": [1] * 100_001}, "more than 100000 elements"),
        ({"a[].b": "x[]", "a[].c": {"from": "x[]", "functions": ["count"]}}, {"x": ["y" * 9_000] * 10_000}, "too large"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_too_large_is_refused(declared: Any, source: Any, reason: str) -> None:
    """Before it is made."""
    assert reason in failure(declared, source).text


def test_ten_thousand_lines_are_mapped() -> None:
    """With twenty fields each."""
    source = {"lines": [{"sku": f"SKU-{number}", "net": "12.50"} for number in range(10_000)]}
    declared = {f"rows[].f{number}": {"from": "lines[].sku", "functions": ["upper"]} for number in range(20)}

    assert len(applied(declared, source)["rows"]) == 10_000


def test_a_time_is_carried_as_it_is() -> None:
    """With its zone."""
    moment = datetime.fromisoformat("2026-11-21T10:00:00+01:00")

    assert one("at", {"at": moment}) == moment
    assert one({"from": "at", "table": {"2026-11-21T09:00:00+00:00": 1}}, {"at": moment}) == 1
