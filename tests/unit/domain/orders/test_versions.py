from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.versions import Arrival, VersionMark, judge_arrival

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def mark(version: int | None = None, minutes: int | None = None, body: str = "") -> VersionMark:
    """A mark; without ``body`` its hash is unlike any other's that differs in age."""
    return VersionMark(version, None if minutes is None else NOON + timedelta(minutes=minutes), body or f"{version}/{minutes}")


def test_the_first_message_about_an_order_is_accepted() -> None:
    """Whatever it says of its age."""
    assert judge_arrival(None, mark()) is Arrival.ACCEPTED


def test_the_same_bytes_again_are_a_duplicate() -> None:
    """Also without version and time."""
    assert judge_arrival(mark(body="x"), mark(body="x")) is Arrival.DUPLICATE


def test_the_same_version_again_is_a_duplicate_whatever_its_bytes() -> None:
    """Same (ref, version) again changes nothing (DESIGN 4.1)."""
    assert judge_arrival(mark(3, body="x"), mark(3, body="y")) is Arrival.DUPLICATE


def test_an_older_version_is_stale_and_a_newer_one_wins() -> None:
    """The version goes before the time of change."""
    assert judge_arrival(mark(3, 10), mark(2, 20)) is Arrival.STALE
    assert judge_arrival(mark(3, 10), mark(4, 0)) is Arrival.ACCEPTED


def test_without_a_version_the_time_of_change_decides() -> None:
    """Where only one message has a version it cannot be compared."""
    assert judge_arrival(mark(None, 10), mark(None, 9)) is Arrival.STALE
    assert judge_arrival(mark(3, 10), mark(None, 11)) is Arrival.ACCEPTED
    assert judge_arrival(mark(3, 10), mark(None, 9)) is Arrival.STALE


def test_of_two_messages_of_one_second_the_later_arrival_wins() -> None:
    """They differ in content, so one of them is newer."""
    assert judge_arrival(mark(None, 10, "x"), mark(None, 10, "y")) is Arrival.ACCEPTED


def test_with_neither_the_order_of_arrival_decides() -> None:
    """Nothing better is known."""
    assert judge_arrival(mark(body="x"), mark(body="y")) is Arrival.ACCEPTED


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=1, max_size=4, unique=True))
def test_the_newest_version_stands_in_whatever_sequence_they_arrive(versions: list[int]) -> None:
    """Shuffled and repeated messages end in the same order."""
    for arrivals in permutations(versions):
        known: VersionMark | None = None
        for version in [*arrivals, *arrivals]:
            if judge_arrival(known, mark(version)) is Arrival.ACCEPTED:
                known = mark(version)
        assert known == mark(max(versions))
