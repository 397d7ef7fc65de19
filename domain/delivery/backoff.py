"""When to try again: exponential with jitter, capped; kept in the database, never in the broker."""

FIRST_S = 15.0
CAP_S = 4 * 3600.0


def delay_s(attempts: int, jitter: float) -> float:
    """Seconds to wait after so many failed attempts. ``jitter`` in [0, 1) spreads over the upper half of the step."""
    step = min(CAP_S, FIRST_S * 2.0 ** min(max(attempts - 1, 0), 16))
    return step * (0.5 + jitter / 2)
