"""What people did, and what they must be told."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from adapters.persistence.tables.metadata import id_column, metadata
from adapters.persistence.types import KEY, UTC_TIME

# What people have stopped. An open one has no end; ended ones are kept.
pauses = Table(
    "pauses",
    metadata,
    id_column(),
    Column("scope", KEY, nullable=False),  # fleet, queue, vendor, company or integration
    Column("subject", KEY, nullable=False),  # of the scope; empty for the fleet
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("since", UTC_TIME, nullable=False),
    Column("until", UTC_TIME),
    Column("ended_at", UTC_TIME),
    Column("ended_by", Text, nullable=False, server_default=""),
    Index(
        "uq_pauses_open",
        "scope",
        "subject",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
        sqlite_where=text("ended_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# What was driven again on a person's word, and how far it came.
replays = Table(
    "replays",
    metadata,
    id_column(),
    Column("what", KEY, nullable=False),
    Column("wanted", Text, nullable=False),  # the selection as a JSON object, canonical, so that equal ones are equal texts
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("position", BigInteger, nullable=False),  # the last id that was looked at
    Column("looked_at", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("started_at", UTC_TIME, nullable=False),
    Column("updated_at", UTC_TIME, nullable=False),
    Column("finished_at", UTC_TIME),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    id_column(),
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
    Index(None, "key"),
    Index("ix_alerts_unsent", "recorded_at", postgresql_where=text("sent_at IS NULL"), sqlite_where=text("sent_at IS NULL")),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    id_column(),
    Column("at", UTC_TIME, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "subject", "id"),
    sqlite_autoincrement=True,
)

# What went wrong with a connection or an integration. One is open for each subject and cause; those that are over are kept.
incidents = Table(
    "incidents",
    metadata,
    id_column(),
    Column("cause", KEY, nullable=False),
    Column("subject", KEY, nullable=False),  # the path of an integration, or the ref of an admin company
    Column("company", Text, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("opened_at", UTC_TIME, nullable=False),
    Column("last_seen_at", UTC_TIME, nullable=False),
    Column("reminded_at", UTC_TIME),
    Column("resolved_at", UTC_TIME),
    Index(
        "uq_incidents_open",
        "subject",
        "cause",
        unique=True,
        postgresql_where=text("resolved_at IS NULL"),
        sqlite_where=text("resolved_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# What is told of incidents by webhook. One that is posted, given up or has nowhere to go is not due any more.
incident_notices = Table(
    "incident_notices",
    metadata,
    id_column(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id"), nullable=False),
    Column("event", KEY, nullable=False),
    Column("at", UTC_TIME, nullable=False),
    Column("due_at", UTC_TIME),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("posted_at", UTC_TIME),
    Column("last_error", Text, nullable=False, server_default=""),
    Index(
        "ix_incident_notices_due",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)
