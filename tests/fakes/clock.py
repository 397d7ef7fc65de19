"""A clock that tests set."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """The port ``Clock``; starts on a Saturday noon."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> None:
        """Move on, as ``timedelta`` takes it."""
        self._now += timedelta(**duration)
