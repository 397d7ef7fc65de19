"""Issued documents and their series. The triggers that guard them are in the migrations."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from adapters.persistence.tables.metadata import id_column, metadata
from adapters.persistence.types import KEY, UTC_TIME

number_series = Table(
    "number_series",
    metadata,
    Column("admin_company", KEY, primary_key=True),
    Column("type", KEY, primary_key=True),
    Column("next_number", BigInteger, nullable=False),
    Column("last_hash", Text, nullable=False),
    Column("last_issued_on", Date),
)

documents = Table(
    "documents",
    metadata,
    id_column(),
    Column("type", KEY, nullable=False),
    Column("admin_company", KEY, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("display_number", KEY, nullable=False),
    Column("company", KEY, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON as it was hashed; a JSON type would not give the same bytes back
    Column("content_sha256", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("chain_hash", Text, nullable=False),
    Column("corrects", Text, nullable=False),  # display number of the invoice a credit note corrects
    Column("run_id", BigInteger),
    Column("revision", Integer, nullable=False),  # of the configuration it was issued under; 0 where not read
    Column("issued_at", UTC_TIME, nullable=False),
    UniqueConstraint("admin_company", "type", "number"),
    Index(None, "display_number"),
    Index(None, "company", "id"),
    Index(None, "run_id"),
    sqlite_autoincrement=True,
)

# The orders on an invoice. Those of a credit note are the rows it is named in as `credited_by`.
document_orders = Table(
    "document_orders",
    metadata,
    Column("document_id", BigInteger, ForeignKey("documents.id"), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("order_ref", KEY, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("credited_by", BigInteger, ForeignKey("documents.id")),
    # Invariant I2: an order is on one live invoice at most, whatever the program does.
    Index(
        "uq_document_orders_live",
        "order_id",
        unique=True,
        postgresql_where=text("credited_by IS NULL"),
        sqlite_where=text("credited_by IS NULL"),
    ),
    Index(None, "order_ref"),
    # With the index above, all links of an order.
    Index(
        "ix_document_orders_credited",
        "order_id",
        postgresql_where=text("credited_by IS NOT NULL"),
        sqlite_where=text("credited_by IS NOT NULL"),
    ),
    Index(
        "ix_document_orders_credited_by",
        "credited_by",
        postgresql_where=text("credited_by IS NOT NULL"),
        sqlite_where=text("credited_by IS NOT NULL"),
    ),
)

plans = Table(
    "plans",
    metadata,
    Column("company", KEY, primary_key=True),
    Column("next_run_at", UTC_TIME),
    Column("next_slot", Text, nullable=False),
    Column("schedule_fingerprint", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    id_column(),
    Column("company", KEY, nullable=False),
    Column("slot", KEY, nullable=False),
    Column("state", KEY, nullable=False),
    Column("issued", Integer, nullable=False, server_default="0"),
    Column("skipped", Text, nullable=False, server_default="{}"),  # a JSON object of counts by decision
    Column("created_at", UTC_TIME, nullable=False),
    Column("finished_at", UTC_TIME),
    UniqueConstraint("company", "slot"),
    Index("ix_runs_open", "id", postgresql_where=text("finished_at IS NULL"), sqlite_where=text("finished_at IS NULL")),
    sqlite_autoincrement=True,
)

# The highest number of ours in a vendor's books: below it the series issues nothing, unless a person lifted it up to that number.
number_guards = Table(
    "number_guards",
    metadata,
    Column("admin_company", KEY, primary_key=True),
    Column("type", KEY, primary_key=True),
    Column("highest_number", BigInteger, nullable=False),
    Column("display_number", Text, nullable=False),
    Column("integration", Text, nullable=False),  # whose books hold it
    Column("seen_at", UTC_TIME, nullable=False),
    Column("lifted_number", BigInteger, nullable=False, server_default="0"),
)
