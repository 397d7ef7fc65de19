"""Staying within a vendor's limits: how many calls were made, and how long the next one must wait.

The limits are held as sliding windows, which is never more than a vendor's fixed windows allow (facts: accounting-apis, B1.5, B2.3, B3.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# One call in so many of a day is kept back from what can wait.
_KEPT_OF_DAY = 10
_DAY_S = 86_400.0
_HOUR_S = 3_600.0
# A permit whose worker died comes back after this long.
_IN_FLIGHT_S = 300.0


# A call is counted when it leaves, and by the vendor when it arrives. What arrives late would fall into a window with the calls of
# the next, so windows are held to be a little longer than they are.
_ON_THE_WAY_MAX_S = 1.0
_ON_THE_WAY = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``calls`` in any ``seconds``."""

    calls: int
    seconds: float

    @property
    def held_s(self) -> float:
        """How long it is held to be: a tenth more, at most a second."""
        return self.seconds + min(_ON_THE_WAY_MAX_S, self.seconds * _ON_THE_WAY)


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of one vendor for one organisation or one app.

    ``day_calls`` 0 means no limit of the day. ``reserve`` calls of the day are kept back from calls that can wait (see ``wait_s``).
    """

    windows: tuple[Window, ...] = ()
    in_flight_max: int = 0
    day_calls: int = 0
    reserve: int = 0

    @classmethod
    def of_day(cls, calls: int, windows: tuple[Window, ...] = (), in_flight_max: int = 0) -> "CallLimits":
        """With so many calls a day, of which a tenth is kept for new documents."""
        return cls(windows, in_flight_max, calls, calls // _KEPT_OF_DAY)


@dataclass(frozen=True, slots=True)
class Calls:
    """What was called; times in seconds since the epoch.

    ``recent`` are the times within the longest window, ``by_hour`` counts of the last day by the hour's first second, ``in_flight``
    permits with the time they were given. ``blocked_until`` is what the vendor asked for; ``day_left`` what it said is left, at
    ``day_left_at``.
    """

    recent: tuple[float, ...] = ()
    by_hour: Mapping[int, int] = field(default_factory=dict)
    in_flight: Mapping[str, float] = field(default_factory=dict)
    blocked_until: float = 0.0
    blocked_for: str = ""
    day_left: int | None = None
    day_left_at: float = 0.0

    def day_used(self, now: float) -> int:
        """Calls of the last 24 hours, counted up to an hour too long rather than too short."""
        return sum(count for hour, count in self.by_hour.items() if hour > now - _DAY_S - _HOUR_S)

    def left_today(self, limits: CallLimits, now: float) -> int | None:
        """What is left of the day, by our own count and by what the vendor said last; None without a limit."""
        if not limits.day_calls:
            return None
        ours = max(0, limits.day_calls - self.day_used(now))
        # What the vendor said holds until the windows may have turned.
        fresh = self.day_left is not None and now - self.day_left_at < _HOUR_S
        return min(ours, self.day_left or 0) if fresh else ours

    def wait_s(self, limits: CallLimits, now: float, *, can_wait: bool = False) -> tuple[float, str]:
        """How many seconds the next call must wait, and which limit says so; (0, "") where it may go now.

        ``can_wait`` is for calls that are not urgent: they leave the day's reserve to the others.
        """
        waits = [
            (self.blocked_until - now, self.blocked_for or "the vendor"),
            *self._window_waits(limits, now),
            self._flight_wait(limits, now),
        ]
        left = self.left_today(limits, now)
        if left is not None and left <= (limits.reserve if can_wait else 0):
            waits.append((self._day_wait(now), "day"))
        seconds, limit = max(waits, default=(0.0, ""))
        return (seconds, limit) if seconds > 0 else (0.0, "")

    def entered(self, permit: str, limits: CallLimits, now: float) -> "Calls":
        """A call goes out under a permit."""
        longest = max((window.held_s for window in limits.windows), default=0.0)
        hour = int(now - now % _HOUR_S)
        by_hour = {each: count for each, count in self.by_hour.items() if each > now - _DAY_S - _HOUR_S}
        return replace(
            self,
            recent=(*(time for time in self.recent if time > now - longest), now),
            by_hour={**by_hour, hour: by_hour.get(hour, 0) + 1},
            in_flight={**_living(self.in_flight, now), permit: now},
            day_left=None if self.day_left is None else max(0, self.day_left - 1),
        )

    def answered(self, permit: str, now: float, day_left: int | None = None) -> "Calls":
        """The call is over; ``day_left`` is what the vendor says is left of the day."""
        rest = {each: since for each, since in self.in_flight.items() if each != permit}
        if day_left is None:
            return replace(self, in_flight=rest)
        return replace(self, in_flight=rest, day_left=day_left, day_left_at=now)

    def blocked(self, until: float, limit: str) -> "Calls":
        """The vendor said not to call before a time; ``limit`` is the one it named."""
        return replace(self, blocked_until=max(self.blocked_until, until), blocked_for=limit)

    def unblocked(self) -> "Calls":
        """As if the vendor had not said when to call again, nor what is left of the day: what we counted ourselves stays."""
        return replace(self, blocked_until=0.0, blocked_for="", day_left=None, day_left_at=0.0)

    def _window_waits(self, limits: CallLimits, now: float) -> list[tuple[float, str]]:
        waits = []
        for window in limits.windows:
            inside = [time for time in self.recent if time > now - window.held_s]
            if len(inside) >= window.calls:
                # It must wait until so many have left the window that one more fits.
                waits.append((inside[len(inside) - window.calls] + window.held_s - now, f"{window.calls} in {window.seconds:g} s"))
        return waits

    def _flight_wait(self, limits: CallLimits, now: float) -> tuple[float, str]:
        full = limits.in_flight_max and len(_living(self.in_flight, now)) >= limits.in_flight_max
        return (0.25, "calls at a time") if full else (0.0, "")

    def _day_wait(self, now: float) -> float:
        """Until the oldest hour leaves the day; an hour where the vendor alone says that nothing is left."""
        oldest = min((hour for hour, count in self.by_hour.items() if count and hour > now - _DAY_S - _HOUR_S), default=None)
        ours = _HOUR_S if oldest is None else oldest + _DAY_S + _HOUR_S - now
        return max(1.0, min(ours, _HOUR_S))


def _living(in_flight: Mapping[str, float], now: float) -> dict[str, float]:
    return {permit: since for permit, since in in_flight.items() if since > now - _IN_FLIGHT_S}
