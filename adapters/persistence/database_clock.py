"""The database's own clock, to compare ours with."""

from datetime import UTC, datetime

from sqlalchemy import Engine, text

from adapters.persistence.errors import passing_errors


def database_clock(engine: Engine) -> datetime:
    """What time the database has, aware, in UTC. PostgreSQL only. Raises TemporaryFailure where it cannot be reached."""
    with passing_errors(), engine.connect() as connection:
        answer: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return answer.astimezone(UTC)
