"""Orders, the messages about them, and those that could not be read."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from adapters.persistence.tables.metadata import id_column, metadata
from adapters.persistence.types import KEY, UTC_TIME

orders = Table(
    "orders",
    metadata,
    id_column(),
    Column("source", KEY, nullable=False),
    Column("ref", KEY, nullable=False),
    Column("external_ref", Text, nullable=False),
    Column("company_ref", KEY, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger),
    Column("updated_at", UTC_TIME),
    Column("body", Text, nullable=False),  # the newest message about the order, as it came
    Column("body_sha256", Text, nullable=False),
    Column("billing_fingerprint", Text, nullable=False),
    Column("decision", KEY, nullable=False),
    Column("revision", Integer, nullable=False),  # of the configuration the decision was made under
    # The live invoice the order is on. It repeats document_orders, so that one locked row tells all about the order.
    Column("document_id", BigInteger),
    Column("invoice_number", Text, nullable=False, server_default=""),
    Column("invoiced_fingerprint", Text, nullable=False, server_default=""),
    Column("created_at", UTC_TIME),
    Column("received_at", UTC_TIME, nullable=False),
    UniqueConstraint("ref", "source"),  # in this order it finds an order by its ref alone, too
    Index(None, "decision", "company_ref", "id"),
    Index(None, "company_ref", "id"),
    Index(
        "ix_orders_not_invoiced",
        "revision",
        "id",
        postgresql_where=text("document_id IS NULL"),
        sqlite_where=text("document_id IS NULL"),
    ),
    sqlite_autoincrement=True,
    postgresql_with={"fillfactor": 80},  # room for a newer version beside the one it replaces: then no index changes
)

order_arrivals = Table(
    "order_arrivals",
    metadata,
    id_column(),
    Column("source", KEY, nullable=False),
    Column("ref", KEY, nullable=False),
    Column("version", BigInteger),
    Column("body_sha256", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("message_id", KEY, nullable=False),
    Column("detail", Text, nullable=False),
    Column("received_at", UTC_TIME, nullable=False),
    Index(None, "ref", "source"),
    Index("ix_order_arrivals_message_id", "message_id", postgresql_where=text("message_id <> ''"), sqlite_where=text("message_id <> ''")),
    sqlite_autoincrement=True,
)

quarantined_messages = Table(
    "quarantined_messages",
    metadata,
    id_column(),
    Column("body", LargeBinary, nullable=False),  # cut at 1 MiB; size and hash are of the whole
    Column("size", BigInteger, nullable=False),
    Column("body_sha256", KEY, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("headers", Text, nullable=False),  # a JSON object of texts
    Column("origin", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("received_at", UTC_TIME, nullable=False),
    Column("replayed_at", UTC_TIME),
    Column("dismissed_at", UTC_TIME),
    Column("dismissed_by", Text, nullable=False, server_default=""),
    Column("dismissed_because", Text, nullable=False, server_default=""),
    Index(None, "body_sha256"),
    Index(
        "ix_quarantined_messages_message_id",
        "message_id",
        postgresql_where=text("message_id <> ''"),
        sqlite_where=text("message_id <> ''"),
    ),
    Index(
        "ix_quarantined_messages_open",
        "id",
        postgresql_where=text("replayed_at IS NULL AND dismissed_at IS NULL"),
        sqlite_where=text("replayed_at IS NULL AND dismissed_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)
