"""What flows remember."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from adapters.persistence.tables.metadata import metadata
from adapters.persistence.types import ID, KEY, UTC_TIME

# Declared, like companies.
flows = Table("flows", metadata, Column("name", KEY, primary_key=True), Column("document", Text, nullable=False))

# How far a flow has come. The row's lock and the lease in it let one run of a flow happen at a time.
flow_states = Table(
    "flow_states",
    metadata,
    Column("name", KEY, primary_key=True),
    Column("schedule_fingerprint", Text, nullable=False),
    Column("next_run_at", UTC_TIME),
    Column("next_slot", Text, nullable=False),
    Column("cursors", Text, nullable=False),  # a JSON object
    Column("restarts", Text, nullable=False),  # a JSON object: where a round that failed in part begins anew
    Column("token", BigInteger, nullable=False),
    Column("leased_until", UTC_TIME),
    Column("ran_at", UTC_TIME),
    Column("taken", BigInteger, nullable=False),
    Column("problem", Text, nullable=False),
)

# What was taken from a source, with what it said then: systems that do not tell when a record changed are compared with it.
flow_items = Table(
    "flow_items",
    metadata,
    Column("flow", KEY, primary_key=True),
    Column("what", KEY, primary_key=True),
    Column("remote_id", KEY, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("taken_at", UTC_TIME, nullable=False),
)

# Versions of customers on their way to a flow's target.
flow_customers = Table(
    "flow_customers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("flow", KEY, nullable=False),
    Column("remote_id", KEY, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("taken_at", UTC_TIME, nullable=False),
    sqlite_autoincrement=True,
)
