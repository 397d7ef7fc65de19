"""The schema's revision: brought up to date by `migrate`, and never guessed at by a worker."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from adapters.persistence.audit_log import SqlAuditLog
from adapters.persistence.bulk import POSTGRESQL, dialect_of
from adapters.persistence.errors import passing_errors
from application.ports.audit_log import AuditEntry
from domain.errors import DomainError

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_KEY = 6_201_519_404  # any number, as long as all versions of this program use the same


def migrate(engine: Engine, note: Callable[[str, str], AuditEntry] | None = None) -> str:
    """Bring the schema to the expected revision, and return it. Doing it twice at once is safe: the second waits.

    ``note`` makes the entry in the audit log for an upgrade from one revision to another; a new database has none.
    Raises TemporaryFailure where the database cannot be reached or does not give way.
    """
    with passing_errors(), engine.begin() as connection:
        _take_turns(connection)
        before, after = MigrationContext.configure(connection).get_current_revision(), expected_revision()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if note is not None and before is not None and before != after:
            SqlAuditLog(connection).add(note(before, after))
    return after


def expected_revision() -> str:
    """The revision this program was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the migrations are missing")
    return head


def current_revision(engine: Engine) -> str | None:
    """The revision of the database; None for an empty one. Raises TemporaryFailure where it cannot be reached."""
    with passing_errors(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_expected_revision(engine: Engine) -> None:
    """Raise DomainError("wrong_schema") where the schema is not the one this program was written for."""
    current, expected = current_revision(engine), expected_revision()
    if current == expected:
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is None or current in known:
        raise DomainError("wrong_schema", f"The database is at revision {current or 'none'}, expected {expected}.", "billhook migrate")
    text_ = f"The database is at revision {current}, which is newer than this program ({expected})."
    raise DomainError("wrong_schema", text_, "Run the newer version of the program.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _take_turns(connection: Connection) -> None:
    """One migration at a time. On SQLite the transaction itself is the lock."""
    if dialect_of(connection) == POSTGRESQL:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
