from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.backoff import CAP_S, FIRST_S, delay_s

jitters = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(st.integers(min_value=0, max_value=10**9), jitters)
def test_a_delay_lies_in_the_upper_half_of_its_step_and_under_the_cap(attempts: int, jitter: float) -> None:
    """However often it failed."""
    step = min(CAP_S, FIRST_S * 2 ** min(max(attempts - 1, 0), 30))

    assert step / 2 <= delay_s(attempts, jitter) <= step <= CAP_S


@given(st.integers(min_value=0, max_value=100), jitters)
def test_a_later_attempt_never_waits_less(attempts: int, jitter: float) -> None:
    """With the same jitter."""
    assert delay_s(attempts + 1, jitter) >= delay_s(attempts, jitter)


def test_the_first_delay_is_short_and_the_last_is_hours() -> None:
    """A hiccup costs seconds; an outage costs a handful of tries a day."""
    assert delay_s(1, 0.999) < 15
    assert delay_s(50, 0) == 2 * 3600
