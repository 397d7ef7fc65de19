"""The tables. The triggers that guard them are in the migrations; what each rule is for stands beside the column."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.persistence.types import ID, KEY, UTC_TIME

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", ID, primary_key=True, autoincrement=True)


orders = Table(
    "orders",
    metadata,
    _id(),
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
)

order_arrivals = Table(
    "order_arrivals",
    metadata,
    _id(),
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
    _id(),
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
    Index(None, "body_sha256"),
    Index("ix_quarantined_messages_open", "id", postgresql_where=text("replayed_at IS NULL"), sqlite_where=text("replayed_at IS NULL")),
    sqlite_autoincrement=True,
)

# One row: the revision that stands. Who changes the configuration locks it.
configuration = Table(
    "configuration",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)

# Declared things are kept as JSON documents: they are always read whole, and compared and exported as documents.
admin_companies = Table("admin_companies", metadata, Column("ref", KEY, primary_key=True), Column("document", Text, nullable=False))
companies = Table("companies", metadata, Column("ref", KEY, primary_key=True), Column("document", Text, nullable=False))
price_lists = Table("price_lists", metadata, Column("company", KEY, primary_key=True), Column("document", Text, nullable=False))
tax_rates = Table("tax_rates", metadata, Column("country", KEY, primary_key=True), Column("document", Text, nullable=False))

integrations = Table(
    "integrations",
    metadata,
    Column("path", KEY, primary_key=True),
    Column("company", KEY, nullable=False),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("declared", Boolean, nullable=False),  # false: no longer in the configuration, kept for its deliveries
    Column("enabled_revision", Integer, nullable=False),  # since when it is switched on without a break; for `verify`
    Column("starting_from", UTC_TIME),
    Column("document", Text, nullable=False),
    Column("secrets", Text, nullable=False),  # a JSON object of ciphertexts by name
)

assets = Table("assets", metadata, Column("sha256", KEY, primary_key=True), Column("content", LargeBinary, nullable=False))

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
    _id(),
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
    Index(
        "ix_document_orders_credited_by",
        "credited_by",
        postgresql_where=text("credited_by IS NOT NULL"),
        sqlite_where=text("credited_by IS NOT NULL"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("integration", KEY, ForeignKey("integrations.path"), nullable=False),
    Column("subject", KEY, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("state", KEY, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("resends", Integer, nullable=False, server_default="0"),
    # Set exactly while the delivery is open (pending, waiting, in flight, unknown): what is in flight under a dead lease is work too.
    Column("due_at", UTC_TIME),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("handed_over", Boolean, nullable=False, server_default=text("false")),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("remote_url", Text, nullable=False, server_default=""),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("next_step", Text, nullable=False, server_default=""),
    Column("created_at", UTC_TIME, nullable=False),
    Column("updated_at", UTC_TIME, nullable=False),
    UniqueConstraint("subject", "subject_id", "integration"),
    Index(
        "ix_deliveries_open",
        "integration",
        "state",
        "id",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_due",
        "integration",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    _id(),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", UTC_TIME, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Index(None, "delivery_id", "id"),
    sqlite_autoincrement=True,
)

# Not only integrations have a lane: whatever one worker at a time should do may have one.
lanes = Table(
    "lanes",
    metadata,
    Column("integration", KEY, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", UTC_TIME, nullable=False),
    Column("parked_until", UTC_TIME),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),  # why it was parked; empty once something was delivered
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
    _id(),
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

alerts = Table(
    "alerts",
    metadata,
    _id(),
    Column("recipients", KEY, nullable=False),
    Column("sender", Text, nullable=False),
    Column("batch", KEY, nullable=False),
    Column("key", KEY, nullable=False),
    Column("company", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("recorded_at", UTC_TIME, nullable=False),
    Column("sent_at", UTC_TIME),
    UniqueConstraint("recipients", "batch", "key"),
    Index("ix_alerts_unsent", "recorded_at", postgresql_where=text("sent_at IS NULL"), sqlite_where=text("sent_at IS NULL")),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    Column("at", UTC_TIME, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "subject", "id"),
    sqlite_autoincrement=True,
)
