"""Tables as full as after a good year: one order goes through the real use cases, and the database multiplies its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from application.ports.quarantine import IncomingMessage
from application.use_cases.accept_messages import AcceptMessages
from application.use_cases.start_run import StartRun
from tests.benchmarks import stage
from tests.benchmarks.orders import order_body

# The number of the order that was changed after it was invoiced.
CHANGED = 7
_SEED = 1_000_000_000  # its ref is as long as those made of it
_COMPANY = "501"


def ref_of(number: int) -> str:
    """The ref of an order, by its number from 1 on."""
    return str(_SEED + number)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many; each of the first orders is invoiced, and each invoice delivered."""

    orders: int
    deliveries: int

    def samples(self, count: int) -> list[int]:
        """Numbers of orders that are not invoiced, from all over the table."""
        step = (self.orders - self.deliveries) // count
        return [self.deliveries + step * place + step // 2 for place in range(count)]

    def invoiced_samples(self, count: int) -> list[int]:
        """Numbers of orders that are."""
        step = self.deliveries // count
        return [step * place + step // 2 for place in range(count)]


def fill(url: str, crowd: Crowd) -> None:
    """The order of number 0 is the seed of all; it is on invoice 1, as the real use cases put it there."""
    stage.prepare(url, _COMPANY)
    with stage.application(url) as billhook:
        message = IncomingMessage(order_body(_SEED, company=_COMPANY), message_id=f"msg-{_SEED}")
        billhook.catalogue.accept_messages(AcceptMessages([message]))
        billhook.catalogue.start_run(StartRun(_COMPANY))
    with psycopg.connect(url) as database:
        _multiply_orders(database, crowd)
        _multiply_invoices(database, crowd.deliveries)
        database.execute("UPDATE orders SET billing_fingerprint = 'another' WHERE ref = %s", [ref_of(CHANGED)])
        for table in ("orders", "order_arrivals", "documents", "deliveries"):
            database.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))".encode())
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        # What was written for the filling shall not be flushed while the commands are measured.
        database.execute("CHECKPOINT")


def _multiply_orders(database: psycopg.Connection, crowd: Crowd) -> None:
    own = {"id": "n + 1", "ref": f"({_SEED} + n)::text", "body": f"replace(t.body, '{_SEED}', ({_SEED} + n)::text)"}
    invoice = {"document_id": "n + 1", "invoice_number": "'INV-' || lpad((n + 1)::text, 6, '0')"}
    not_invoiced = {"document_id": "NULL", "invoice_number": "''", "invoiced_fingerprint": "''", "decision": "'due'"}
    _multiply(database, "orders", {**own, **invoice}, 1, crowd.deliveries)
    _multiply(database, "orders", {**own, **not_invoiced}, crowd.deliveries + 1, crowd.orders)
    arrival = {"id": "n + 1", "ref": own["ref"], "message_id": f"'msg-' || ({_SEED} + n)"}
    _multiply(database, "order_arrivals", arrival, 1, crowd.orders)


def _multiply_invoices(database: psycopg.Connection, count: int) -> None:
    number = "'INV-' || lpad((n + 1)::text, 6, '0')"
    content = f"replace(t.content, '{_SEED}', ({_SEED} + n)::text)"
    _multiply(database, "documents", {"id": "n + 1", "number": "n + 1", "display_number": number, "content": content}, 1, count)
    links = {"document_id": "n + 1", "order_id": "n + 1", "order_ref": f"({_SEED} + n)::text"}
    _multiply(database, "document_orders", links, 1, count)
    done = {"id": "n + 1", "subject_id": "n + 1", "state": "'delivered'", "due_at": "NULL", "attempts": "1"}
    _multiply(database, "deliveries", done, 1, count)
    database.execute(
        "INSERT INTO delivery_attempts (delivery_id, state, outcome, detail, at, duration_ms)"
        " SELECT id, 'delivered', 'delivered', '', updated_at, 120 FROM deliveries"
    )
    database.execute(
        "INSERT INTO audit_log (at, actor, action, subject, reason, detail)"
        " SELECT updated_at, 'ann', 'delivery_retry', 'dlv_' || id, 'mailbox is there', '' FROM deliveries WHERE id % 10 = 0"
    )


def _multiply(database: psycopg.Connection, table: str, own: Mapping[str, str], first: int, last: int) -> None:
    """Copies of the row of the seed, for each ``n``; ``own`` are the expressions of the columns in which they differ."""
    rows = database.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'", [table]
    ).fetchall()
    columns = [str(name) for (name,) in rows]
    values = sql.SQL(", ").join(sql.SQL(own[name].encode().decode()) if name in own else sql.Identifier("t", name) for name in columns)  # type: ignore[arg-type]
    key = "id" if "id" in columns else "document_id"
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} t, generate_series(%s::bigint, %s::bigint) AS n WHERE t.{} = 1")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    database.execute(statement.format(sql.Identifier(table), names, values, sql.Identifier(table), sql.Identifier(key)), [first, last])


def make_lanes_due(url: str, paths: Sequence[str]) -> None:
    """One open delivery for each lane; those that have one keep it."""
    with psycopg.connect(url) as database:
        database.execute(
            "INSERT INTO deliveries (integration, subject, subject_id, state, due_at, created_at, updated_at)"
            " SELECT path, 'invoice', 1, 'pending', now(), now(), now() FROM unnest(%s::text[]) AS path ON CONFLICT DO NOTHING",
            [list(paths)],
        )
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
