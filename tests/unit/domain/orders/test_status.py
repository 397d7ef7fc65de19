import pytest

from domain.orders.status import CANCELLED, DISPATCHED_FAMILY, NAMES, ON_HOLD, is_one_of, normalise


@pytest.mark.parametrize(
    ("status", "expected"), [(256, "256"), ("On Hold", "256"), (" on hold ", "256"), ("Delivered", "delivered"), (None, ""), ("", "")]
)
def test_a_status_has_one_spelling(status: str | int | None, expected: str) -> None:
    """Its code where it has one, else its name."""
    assert normalise(status) == expected


@pytest.mark.parametrize("code", NAMES)
def test_a_status_may_be_named_or_numbered(code: int) -> None:
    """Plans may list either, and messages may carry either."""
    assert is_one_of(code, "", (NAMES[code],))
    assert is_one_of(None, NAMES[code].upper(), (str(code),))


@pytest.mark.parametrize(
    ("code", "name", "family"),
    [
        (256, "", ON_HOLD),
        (None, "On Hold (Supplier)", ON_HOLD),
        (128, "Cancelled", CANCELLED),
        (None, "Refunded", CANCELLED),
        (None, "Returned", CANCELLED),
        (8, "", DISPATCHED_FAMILY),
        (64, "", DISPATCHED_FAMILY),
        (516, "", DISPATCHED_FAMILY),
        (None, "Delivered", DISPATCHED_FAMILY),
        (None, "Delivered (Retailer Notified)", DISPATCHED_FAMILY),
    ],
)
def test_the_families_of_the_design_hold_their_members(code: int | None, name: str, family: tuple[str, ...]) -> None:
    """And no member of one is in another."""
    assert [is_one_of(code, name, other) for other in (ON_HOLD, CANCELLED, DISPATCHED_FAMILY)].count(True) == 1
    assert is_one_of(code, name, family)


def test_code_and_name_that_differ_count_both() -> None:
    """An order that one of them calls on hold is on hold."""
    assert is_one_of(8, "On Hold", ON_HOLD)


def test_no_status_is_in_no_family() -> None:
    """A message may carry none."""
    assert not is_one_of(None, "", ON_HOLD + CANCELLED + DISPATCHED_FAMILY)
