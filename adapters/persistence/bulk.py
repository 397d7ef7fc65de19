"""Many rows in one round trip, on both databases.

Rows are inserted by COPY on PostgreSQL and by executemany on SQLite. Where rows meet rows that are there already (look up,
update, insert where absent), they travel as one JSON parameter, which each database can read as a table.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from typing import cast as typed_as

import msgspec
from psycopg.adapt import Dumper
from sqlalchemy import JSON, Column, Connection, FromClause, Table, Text, bindparam, cast, column, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from adapters.persistence.types import as_text

RECORDS = "records"
POSTGRESQL = "postgresql"


def dialect_of(connection: Connection) -> str:
    """``postgresql`` or ``sqlite``."""
    return connection.dialect.name


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of ``columns``."""
    if not rows:
        return
    if dialect_of(connection) == POSTGRESQL:
        _copy(connection, f"COPY {table.name} ({', '.join(columns)}) FROM STDIN", rows)
    else:
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.adapters.register_dumper(datetime, _TimeDumper)
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


class _TimeDumper(Dumper):
    """Times for COPY. psycopg's own dumper is chosen anew for each time by its zone; that cost 5 µs a message of intake."""

    def dump(self, obj: datetime) -> bytes:
        return _utc_bytes(obj)


# The rows of a batch share the time of the batch, and orders that arrive together many of theirs.
@lru_cache(maxsize=4096)
def _utc_bytes(moment: datetime) -> bytes:
    return (as_text(moment) or "").encode()


def next_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids for new rows, in ascending order, so that rows of other tables may refer to them in the same breath."""
    if dialect_of(connection) == POSTGRESQL:
        return connection.execute(_NEXT_IDS, {"sequence": f"{table.name}_id_seq", "count": count}).scalars().all()
    # There is one writer, and it has begun: nobody else takes these.
    last = connection.execute(_LAST_ID, {"name": table.name}).scalar() or 0
    return range(last + 1, last + 1 + count)


_NEXT_IDS = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
_LAST_ID = text("SELECT seq FROM sqlite_sequence WHERE name = :name")


def as_records(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the value of the parameter that ``records`` reads; times must be text already (``as_text``)."""
    record = _record_type(tuple(columns))
    return msgspec.json.encode([record(*row) for row in rows]).decode()


@cache
def _record_type(columns: tuple[str, ...]) -> type[msgspec.Struct]:
    # Half as long as making a dictionary of each row.
    return msgspec.defstruct("Record", columns)


def records(dialect: str, *columns: Column[Any]) -> FromClause:
    """The parameter ``records`` as a table that has columns of these names and types."""
    parameter = bindparam(RECORDS, type_=Text)
    if dialect == POSTGRESQL:
        typed = [column(each.name, each.type) for each in columns]
        return func.json_to_recordset(cast(parameter, JSON)).table_valued(*typed).render_derived(name="record", with_types=True)
    each = func.json_each(parameter).table_valued("value", name="each")
    return select(*(func.json_extract(each.c.value, f"$.{wanted.name}").label(wanted.name) for wanted in columns)).subquery("record")


def insert_or(connection: Connection, table: Table) -> postgresql.Insert:
    """An insert with ON CONFLICT, which both databases have, and SQLAlchemy once for each."""
    return _insert_or(dialect_of(connection), table)


def _insert_or(dialect: str, table: Table) -> postgresql.Insert:
    return postgresql.insert(table) if dialect == POSTGRESQL else typed_as("postgresql.Insert", sqlite.insert(table))


def insert_where_absent(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> int:
    """Insert the rows that break no unique constraint, leave the others out, count the new ones; times must be text already."""
    if not rows:
        return 0
    statement = _insert_where_absent(dialect_of(connection), table, columns)
    done = connection.execute(statement, {RECORDS: as_records(columns, rows)}, execution_options={"preserve_rowcount": True})
    return done.rowcount


@cache
def _insert_where_absent(dialect: str, table: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    record = records(dialect, *(table.c[name] for name in columns))
    # Without a condition SQLite reads ON CONFLICT as the ON of a join.
    rows = select(*(record.c[name] for name in columns)).where(text("1 = 1"))
    return _insert_or(dialect, table).from_select(columns, rows).on_conflict_do_nothing()
