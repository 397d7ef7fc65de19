"""Connections to the database, set up so that money is safe: durable commits, bounded waits, one writer on SQLite."""

from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from adapters.persistence.waiting import WorkingConnection

BUSY_TIMEOUT_MS = 30_000


def make_engine(  # noqa: PLR0913 - each is a bound an operator may want to set
    url: str,
    *,
    pool_size: int = 5,
    application_name: str = "billhook",
    connect_timeout_s: int = 5,
    lock_timeout_s: float = 10,
    statement_timeout_s: float = 60,
    idle_in_transaction_timeout_s: float = 60,
) -> Engine:
    """An engine for ``postgresql://…`` or ``sqlite:///…``; connects on first use.

    Every wait is bounded, so that one stuck worker stops neither a company nor a pod. The bounds in seconds hold on
    PostgreSQL; on SQLite a writer waits up to 30 s for the one before it. ``pool_size`` should be the number of threads
    plus two.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size)
    options = {
        "lock_timeout": lock_timeout_s,
        "statement_timeout": statement_timeout_s,
        "idle_in_transaction_session_timeout": idle_in_transaction_timeout_s,
    }
    arguments: dict[str, Any] = {
        "application_name": application_name,
        "connect_timeout": connect_timeout_s,
        "keepalives_idle": 30,
        "tcp_user_timeout": 30_000,
        "options": " ".join(["-c timezone=UTC", *(f"-c {name}={int(seconds * 1000)}" for name, seconds in options.items())]),
    }
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # they are customers' data, and errors are logged
        connect_args=arguments,
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> WorkingConnection:
    return WorkingConnection.connect(*arguments, **options)


def _sqlite(url: URL, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: SqliteConnection, _record: object) -> None:
    # None: we begin and commit, not the driver, which would begin too late for a lock.
    connection.isolation_level = None
    # FULL: a committed number is on the disk. WAL: readers do not wait for the writer.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(connection: Connection) -> None:
    # The write lock comes first: a transaction that read before could not get it any more once another has written.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
