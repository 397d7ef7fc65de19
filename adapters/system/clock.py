"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The port ``Clock``. Keep the machines of a fleet in step by NTP; `doctor` compares with the database's clock."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.now(UTC)
