import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.exact_json import dumps


def test_amounts_keep_their_digits() -> None:
    """No float in between, no exponent."""
    assert dumps([Decimal("19.20"), Decimal("0.1"), Decimal("1E+3"), Decimal("0.0000001"), Decimal(0)]) == b"[19.20,0.1,1000,0.0000001,0]"


def test_equal_values_have_equal_bytes() -> None:
    """Whatever order the keys came in, at any depth."""
    one = {"b": 1, "a": {"y": date(2026, 11, 21), "x": "Ångström"}}
    other = {"a": {"x": "Ångström", "y": date(2026, 11, 21)}, "b": 1}

    assert dumps(one) == dumps(other) == '{"a":{"x":"Ångström","y":"2026-11-21"},"b":1}'.encode()


def test_times_are_iso_8601() -> None:
    """With their zone."""
    assert dumps({"at": datetime(2026, 11, 21, 12, 0, tzinfo=UTC)}) == b'{"at":"2026-11-21T12:00:00Z"}'


@pytest.mark.parametrize(
    ("value", "error"), [(0.1, TypeError), ([{"a": 1.0}], TypeError), (Decimal("NaN"), ValueError), (object(), TypeError)]
)
def test_what_has_no_exact_value_is_refused(value: object, error: type[Exception]) -> None:
    """At any depth."""
    with pytest.raises(error):
        dumps(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6) | st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_comes_back_as_it_was(amount: Decimal) -> None:
    """Read by anybody's exact reader."""
    read = json.loads(dumps({"amount": amount}), parse_float=Decimal, parse_int=Decimal)["amount"]

    assert read == amount
