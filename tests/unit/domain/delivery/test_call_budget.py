"""Whatever comes when: never more calls than the windows allow, and no wait for ever."""

from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.call_budget import CallLimits, Calls, Window

START = 1_795_000_000.0
HOUR, DAY = 3_600.0, 86_400.0
WINDOWS = st.tuples(st.integers(1, 8), st.sampled_from([1.0, 5.0, 60.0])).map(lambda pair: Window(*pair))


@given(st.lists(WINDOWS, min_size=1, max_size=2), st.lists(st.floats(0, 30), min_size=1, max_size=60), st.floats(0, 0.09))
def test_no_window_of_the_vendor_ever_sees_too_many(windows: list[Window], pauses: list[float], late: float) -> None:
    """Sliding or fixed, for any pauses between the calls, also where some calls arrive a little late."""
    limits = CallLimits(tuple(windows))
    calls, now, arrived = Calls(), START, []
    for number, pause in enumerate(pauses):
        now += pause
        wait, _ = calls.wait_s(limits, now)
        now += wait
        if calls.wait_s(limits, now)[0] > 0:
            now += 1e-3  # floating point: the wait ended a hair too early
        calls = calls.entered(str(number), limits, now).answered(str(number), now)
        arrived.append(now + (late if number % 2 else 0.0))

    for window in windows:
        for first in arrived:
            assert sum(first <= each < first + window.seconds for each in arrived) <= window.calls


@given(WINDOWS, st.lists(st.floats(0, 10), max_size=30))
def test_a_wait_is_never_longer_than_the_window(window: Window, pauses: list[float]) -> None:
    """And after it the call may go."""
    limits = CallLimits((window,))
    calls, now = Calls(), START
    for number, pause in enumerate(pauses):
        now += pause
        calls = calls.entered(str(number), limits, now)
        wait, _ = calls.wait_s(limits, now)
        assert wait <= window.held_s * (1 + len(pauses))
        assert calls.wait_s(limits, now + wait + 1e-3) == (0.0, "")


@given(st.integers(1, 20), st.integers(0, 10), st.lists(st.tuples(st.floats(0, 4 * HOUR), st.booleans()), max_size=60))
def test_a_day_is_never_overdrawn_and_its_reserve_is_kept(day_calls: int, reserve: int, asked: list[tuple[float, bool]]) -> None:
    """Calls that can wait leave the reserve to the others."""
    limits = CallLimits(day_calls=day_calls, reserve=reserve)
    calls, now, made = Calls(), START, []
    for number, (pause, can_wait) in enumerate(asked):
        now += pause
        wait, limit = calls.wait_s(limits, now, can_wait=can_wait)
        if wait:
            assert limit == "day"
            assert 1 <= wait <= HOUR
            continue
        before = sum(now - DAY < at for at in made)
        assert before < day_calls - (reserve if can_wait else 0)
        calls = calls.entered(str(number), limits, now).answered(str(number), now)
        made.append(now)


def test_a_day_that_was_used_up_comes_back() -> None:
    """At the latest an hour after its calls have left the last 24 hours."""
    limits = CallLimits(day_calls=2)
    calls = Calls().entered("a", limits, START).entered("b", limits, START)

    assert calls.wait_s(limits, START)[1] == "day"
    assert calls.wait_s(limits, START + DAY + HOUR) == (0.0, "")


def test_only_so_many_are_under_way_at_a_time() -> None:
    """A permit whose worker died comes back by itself."""
    limits = CallLimits(in_flight_max=2)
    calls = Calls().entered("a", limits, START).entered("b", limits, START)

    assert calls.wait_s(limits, START + 1)[1] == "calls at a time"
    assert calls.answered("a", START + 1).wait_s(limits, START + 1) == (0.0, "")
    assert calls.wait_s(limits, START + 301) == (0.0, "")


def test_what_the_vendor_says_is_obeyed() -> None:
    """A block to its end, the longer of two, and what is left of the day for an hour."""
    limits = CallLimits(day_calls=5_000)
    blocked = Calls().blocked(START + 30, "minute").blocked(START + 20, "minute")
    told = Calls().entered("a", limits, START).answered("a", START, day_left=0)

    assert blocked.wait_s(limits, START) == (30.0, "minute")
    assert blocked.wait_s(limits, START + 30) == (0.0, "")
    assert told.left_today(limits, START + 1) == 0
    assert told.wait_s(limits, START + 1)[1] == "day"
    assert told.left_today(limits, START + HOUR + 1) == 4_999


def test_what_the_vendor_said_is_left_goes_down_with_our_calls() -> None:
    """Between two of its answers."""
    limits = CallLimits(day_calls=5_000)

    calls = Calls().answered("a", START, day_left=3).entered("b", limits, START + 1)

    assert calls.left_today(limits, START + 1) == 2
