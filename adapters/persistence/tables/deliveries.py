"""What is owed to whom, and the lanes it waits in."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from adapters.persistence.tables.metadata import id_column, metadata
from adapters.persistence.types import KEY, UTC_TIME

deliveries = Table(
    "deliveries",
    metadata,
    id_column(),
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
    Index(
        "ix_deliveries_needs_human",
        "integration",
        "id",
        postgresql_where=text("state = 'needs_human'"),
        sqlite_where=text("state = 'needs_human'"),
    ),
    sqlite_autoincrement=True,
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    id_column(),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", UTC_TIME, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Index(None, "delivery_id", "id"),
    sqlite_autoincrement=True,
)

# The effects of a delivery that have happened already, where it has several. A new sending starts with none.
delivery_steps = Table(
    "delivery_steps",
    metadata,
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    Column("sending", Integer, primary_key=True),  # deliveries.resends when it happened
    Column("step", KEY, primary_key=True),
    Column("remote_id", Text, nullable=False),
    Column("at", UTC_TIME, nullable=False),
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
    # When a hint about it was sent; NULL once a worker took it. One hint at a time is enough.
    Column("hinted_at", UTC_TIME),
)
