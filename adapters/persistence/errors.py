"""Which errors of the databases pass by themselves, and which are refusals by a constraint."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import TemporaryFailure

# Low byte of the result code: somebody else writes, the disk fails or is full, the file cannot be opened.
_SQLITE_TEMPORARY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        # Not by themselves, but not by a mend of the program either: somebody must look at the file.
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    }
)
# A former primary that only reads, and sessions ended by a timeout: psycopg counts these as internal errors.
_POSTGRESQL_TEMPORARY = (
    psycopg.OperationalError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
)


def as_temporary(error: BaseException) -> TemporaryFailure | None:
    """The error as a TemporaryFailure, where the same unit of work may succeed later; else None.

    Covers a lost connection, a restart, a fail-over, a deadlock, a serialization failure, a timeout of a lock or a
    statement, a busy SQLite file and an exhausted pool.
    """
    if isinstance(error, PoolTimeout):
        return TemporaryFailure("The database has no free connection.")
    wrapped = isinstance(error, DBAPIError)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        passing = getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_TEMPORARY
    else:
        passing = isinstance(cause, _POSTGRESQL_TEMPORARY) or (isinstance(cause, psycopg.InterfaceError) and wrapped)
    return TemporaryFailure(f"The database did not do it: {cause}".strip()) if passing else None


@contextmanager
def passing_errors() -> Iterator[None]:
    """Raise TemporaryFailure for what is done inside, where the same may succeed later."""
    try:
        yield
    except Exception as error:
        temporary = as_temporary(error)
        if temporary is None:
            raise
        raise temporary from error


@contextmanager
def refused_as(refusal: Exception) -> Iterator[None]:
    """Raise ``refusal`` where a constraint of the database refuses what is done inside."""
    try:
        yield
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise refusal from error
