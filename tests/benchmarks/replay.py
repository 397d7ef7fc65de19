"""The floor of issuing: the rows that a run left behind, written once more by psycopg alone into a database that has none of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

Row = tuple[Any, ...]

_DOCUMENT = (
    "id, type, admin_company, number, display_number, company, issued_on, due_on, currency, net_minor, tax_minor, total_minor,"
    " content, content_sha256, previous_hash, chain_hash, corrects, run_id, revision, issued_at"
)
_LINK = "document_id, order_id, order_ref, fingerprint"
_DELIVERY = "integration, subject, subject_id, state, due_at, created_at, updated_at"
_MARK = (
    "UPDATE orders SET document_id = new.document_id, invoice_number = new.invoice_number,"
    " invoiced_fingerprint = new.invoiced_fingerprint, decision = 'invoiced'"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])"
    " AS new(id, document_id, invoice_number, invoiced_fingerprint) WHERE orders.id = new.id"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one transaction of the run wrote. ``marks`` are columns: order ids, document ids, numbers, fingerprints."""

    documents: Sequence[Row]
    links: Sequence[Row]
    marks: tuple[list[Any], list[Any], list[Any], list[Any]]
    deliveries: Sequence[Row]
    series: Row


def read_chunks(url: str) -> list[Chunk]:
    """The rows of a run, chunk by chunk: the documents of one chunk share the time of issue."""
    with psycopg.connect(url) as database:
        times = database.execute("SELECT DISTINCT issued_at FROM documents ORDER BY 1").fetchall()
        return [_read_chunk(database, at) for (at,) in times]


def _read_chunk(database: psycopg.Connection, at: object) -> Chunk:
    def rows(query: str) -> list[Row]:
        return database.execute(query, {"at": at}).fetchall()

    of_chunk = "(SELECT id FROM documents WHERE issued_at = %(at)s)"
    marked = rows(f"SELECT id, document_id, invoice_number, invoiced_fingerprint FROM orders WHERE document_id IN {of_chunk} ORDER BY id")
    [series] = rows(
        "SELECT max(number) + 1, (array_agg(chain_hash ORDER BY number DESC))[1], max(issued_on) FROM documents WHERE issued_at = %(at)s"
    )
    return Chunk(
        rows(f"SELECT {_DOCUMENT} FROM documents WHERE issued_at = %(at)s ORDER BY id"),
        rows(f"SELECT {_LINK} FROM document_orders WHERE document_id IN {of_chunk} ORDER BY document_id"),
        ([row[0] for row in marked], [row[1] for row in marked], [row[2] for row in marked], [row[3] for row in marked]),
        rows(f"SELECT {_DELIVERY} FROM deliveries WHERE subject_id IN {of_chunk} ORDER BY id"),
        series,
    )


def replay(url: str, company: str, chunks: Sequence[Chunk]) -> float:
    """Write the chunks, a transaction each; the seconds it took."""
    with psycopg.connect(url) as database:
        database.execute("INSERT INTO number_series VALUES ('acme-print', 'invoice', 1, repeat('0', 64), NULL)")
        database.commit()
        began = time.perf_counter()
        for chunk in chunks:
            _write(database, company, chunk)
            database.commit()
        return time.perf_counter() - began


def _write(database: psycopg.Connection, company: str, chunk: Chunk) -> None:
    database.execute("SELECT 1 FROM plans WHERE company = %s FOR UPDATE", [company])
    database.execute("SELECT id FROM orders WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [chunk.marks[0]])
    database.execute("SELECT next_number FROM number_series WHERE admin_company = 'acme-print' AND type = 'invoice' FOR UPDATE")
    _copy(database, f"documents ({_DOCUMENT})", chunk.documents)
    _copy(database, f"document_orders ({_LINK})", chunk.links)
    database.execute(_MARK, chunk.marks)
    _copy(database, f"deliveries ({_DELIVERY})", chunk.deliveries)
    database.execute(
        "UPDATE number_series SET next_number = %s, last_hash = %s, last_issued_on = %s"
        " WHERE admin_company = 'acme-print' AND type = 'invoice'",
        chunk.series,
    )


def _copy(database: psycopg.Connection, table: str, rows: Sequence[Row]) -> None:
    with database.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
