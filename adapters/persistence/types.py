"""Column types that mean the same on PostgreSQL and on SQLite."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator


def as_text(moment: datetime | None) -> str | None:
    """A time as text of fixed width in UTC, so that texts compare as the times do. Raises ValueError without a zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment} has no zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def without_nul(words: str) -> str:
    """Words from outside as PostgreSQL can keep them: it has no NUL in a text, and nothing may get lost for one."""
    return words.replace("\0", "\ufffd")


class UtcText(TypeDecorator[datetime]):
    """A time on SQLite, which has no type for one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return as_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


UTC_TIME = DateTime(timezone=True).with_variant(UtcText(), "sqlite")
# SQLite counts up an INTEGER key only.
ID = BigInteger().with_variant(Integer(), "sqlite")
# What is looked up compares by bytes: faster, and no index breaks when the operating system's collation changes.
KEY = Text().with_variant(Text(collation="C"), "postgresql")
