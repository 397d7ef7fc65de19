from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.mapping.errors import FieldMapRefused, MappingFailed
from domain.mapping.functions import read_steps


def run(functions: Any, value: Any) -> Any:
    for step in read_steps(functions, "functions"):
        value = step(value)
    return value


@pytest.mark.parametrize(
    ("function", "value", "result"),
    [
        ("upper", "straße", "STRASSE"),
        ("lower", "ÅNGSTRÖM", "ångström"),
        ("trim", " a b\n", "a b"),
        ({"cut": 3}, "abcdef", "abc"),
        ({"cut": 3}, 12345, "123"),
        ({"replace": {"find": "a", "with": ""}}, "banana", "bnn"),
        ({"prefix": "WEB-"}, "1", "WEB-1"),
        ({"suffix": " kg"}, Decimal("1.50"), "1.50 kg"),
        ({"pad_left": {"width": 5, "with": "0"}}, 42, "00042"),
        ({"pad_right": {"width": 5}}, "ab", "ab   "),
        ({"pad_left": {"width": 1, "with": "0"}}, "abc", "abc"),
        ("text", Decimal("1E+3"), "1000"),
        ("text", True, "true"),
        ("text", date(2026, 11, 21), "2026-11-21"),
        ({"round": 2}, "2.345", Decimal("2.35")),
        ({"round": 2}, "-2.345", Decimal("-2.35")),
        ({"round": 0}, Decimal("0.5"), Decimal(1)),
        ({"round": 12}, "9" * 28, Decimal("9" * 28)),
        ("whole", "2.00", 2),
        ({"multiply": 1.05}, "100", Decimal(105)),
        ({"multiply": "0.1"}, "0.3", Decimal("0.03")),
        ({"add": -1}, "0.5", Decimal("-0.5")),
        ("negate", "3.50", Decimal("-3.50")),
        ("negate", "0.00", Decimal(0)),
        ({"number_format": {"decimals": 2}}, "1234.5", "1234.50"),
        ({"number_format": {"decimals": 2, "decimal_mark": ",", "thousands": "."}}, "1234567.891", "1.234.567,89"),
        ({"number_format": {"decimals": 0, "thousands": " "}}, "-1234.5", "-1 235"),
        ({"date_format": "%d/%m/%y".replace("y", "Y")}, "2026-11-21 10:00:05", "21/11/2026"),
        ({"date_format": "%H:%M:%S %%"}, datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC), "10:00:05 %"),
        ({"date_format": "%Y%m%d"}, date(33, 1, 2), "00330102"),
        ({"date_format": "%d/%m/%Y"}, "0000-00-00 00:00:00", None),
        ({"parse_date": "%d.%m.%Y"}, "21.11.2026", date(2026, 11, 21)),
        ({"parse_date": "%d.%m.%Y %H:%M"}, "21.11.2026 10:30", datetime(2026, 11, 21, 10, 30)),  # noqa: DTZ001 - the text has no zone
        ({"add_days": 30}, "2026-12-15", date(2027, 1, 14)),
        ({"add_days": -1}, datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)),
        ({"add_days": 1}, "0000-00-00", None),
        ({"join": ", "}, ["a", "", 1], "a, 1"),
        ({"join": ", "}, "alone", "alone"),
        ({"join": ", "}, None, ""),
        ("first", ["", "b", "c"], "b"),
        ("first", [], None),
        ("sum", ["1.10", 2, Decimal("0.90")], Decimal("4.00")),
        ("sum", None, Decimal(0)),
        ("count", ["a", "", "b"], 2),
        ("upper", ["a", "", "b"], ["A", "B"]),
        ("upper", None, None),
        (["trim", "upper", {"cut": 2}], "  abc", "AB"),
    ],
    ids=str,
)
def test_a_function_does_what_its_page_says(function: Any, value: Any, result: Any) -> None:
    """On text, numbers, dates and lists; nothing is done to an empty value."""
    found = run(function, value)

    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("function", "value", "reason"),
    [
        ({"round": 2}, "1,5", "round: '1,5' is no number"),
        ({"round": 2}, "1_000", "no number"),
        ({"round": 2}, "NaN", "no number"),
        ({"round": 2}, "1e999", "no number of at most"),
        ({"add": 1}, True, "no number"),
        ({"add": 1}, date(2026, 1, 1), "no number"),
        ({"round": 12}, "9" * 40, "40 digits"),
        ({"multiply": "1e40"}, "1e40", "40 digits"),
        ({"date_format": "%Y"}, "21/11/2026", "no date such as"),
        ({"date_format": "%Y"}, 5, "no date such as"),
        ({"parse_date": "%d.%m.%Y"}, "31.02.2026", "is not written as %d.%m.%Y"),
        ({"add_days": 36500}, "9999-12-31", "There is no day"),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_in_words(function: Any, value: Any, reason: str) -> None:
    """With the name of the function."""
    with pytest.raises(MappingFailed, match=reason):
        run(function, value)


@pytest.mark.parametrize(
    ("function", "place"),
    [
        ({"upper": 1}, "functions[0].upper"),
        ("cut", "functions[0].cut"),
        ({"cut": 0}, "functions[0].cut"),
        ({"cut": True}, "functions[0].cut"),
        ({"cut": 10**9}, "functions[0].cut"),
        ({"replace": "a"}, "functions[0].replace"),
        ({"replace": {"find": "", "with": "x"}}, "functions[0].replace.find"),
        ({"replace": {"find": "x"}}, "functions[0].replace"),
        ({"prefix": 5}, "functions[0].prefix"),
        ({"prefix": "x" * 1001}, "functions[0].prefix"),
        ({"pad_left": {"width": 10**9}}, "functions[0].pad_left.width"),
        ({"pad_left": {"width": 5, "with": "ab"}}, "functions[0].pad_left.with"),
        ({"round": 13}, "functions[0].round"),
        ({"multiply": "x"}, "functions[0].multiply"),
        ({"multiply": None}, "functions[0].multiply"),
        ({"number_format": {"decimals": 2, "thousands": "."}}, "functions[0].number_format"),
        ({"number_format": {"decimals": 2, "decimal_mark": ""}}, "functions[0].number_format"),
        ({"number_format": {"decimals": 2, "decimal_mark": "::"}}, "functions[0].number_format.decimal_mark"),
        ({"date_format": "%B"}, "functions[0].date_format"),
        ({"date_format": "%d%"}, "functions[0].date_format"),
        ({"date_format": "no date"}, "functions[0].date_format"),
        ({"parse_date": "%d.%m"}, "functions[0].parse_date"),
        ({"parse_date": "%d.%m.%Y %d"}, "functions[0].parse_date"),
        ({"add_days": 40000}, "functions[0].add_days"),
        ({"join": None}, "functions[0].join"),
        (["trim", 5], "functions[1]"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_with_its_place(function: Any, place: str) -> None:
    """When the map is read, not when it is used."""
    with pytest.raises(FieldMapRefused) as refused:
        read_steps(function, "functions")

    assert refused.value.path.startswith(place)
