"""What accounting destinations remember."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from adapters.persistence.tables.metadata import metadata
from adapters.persistence.types import ID, KEY, UTC_TIME

# The consent of a vendor's user, with the tokens it gave. One row an integration; the row's lock lets one refresh at a time.
connections = Table(
    "connections",
    metadata,
    Column("integration", KEY, ForeignKey("integrations.path"), primary_key=True),
    Column("state", KEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("client_id", Text, nullable=False),  # the vendor's app the consent was given to
    Column("organisation_id", KEY, nullable=False),
    Column("organisation_name", Text, nullable=False),
    Column("consent_id", Text, nullable=False),  # the vendor's name for the consent, by which it is ended
    Column("scopes", Text, nullable=False),
    Column("tokens", Text, nullable=False),  # ciphertext of the tokens as JSON; empty without any
    Column("access_expires_at", UTC_TIME),
    Column("refreshed_at", UTC_TIME),
    Column("connected_at", UTC_TIME),
    Column("pending", Text, nullable=False),  # ciphertext of a consent that has begun and is not finished; empty without one
    Column("updated_at", UTC_TIME, nullable=False),
)

# What was called at a vendor, one row for each limit of theirs; the row's lock makes the fleet count as one.
call_budgets = Table(
    "call_budgets",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("calls", Text, nullable=False),  # a JSON document, see domain/delivery/call_budget.py
    Column("updated_at", UTC_TIME, nullable=False),
)

# What a thing of ours is called at a vendor: a customer, an item.
remote_links = Table(
    "remote_links",
    metadata,
    Column("scope", KEY, primary_key=True),  # vendor:organisation
    Column("type", KEY, primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("remote_id", KEY, nullable=False),
    Column("fingerprint", Text, nullable=False),  # of what was last written or read there
    Column("updated_at", UTC_TIME, nullable=False),
    Index(None, "scope", "type", "remote_id"),
)

# What registers answered about VAT numbers, by which no tax was charged. Rows are never changed (a trigger sees to it).
vat_checks = Table(
    "vat_checks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("vat_number", KEY, nullable=False),
    Column("requester", KEY, nullable=False),  # our own number; empty where it was asked without one
    Column("valid", Boolean, nullable=False),
    Column("consultation_number", Text, nullable=False),  # the register's proof that it was asked
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("checked_at", UTC_TIME, nullable=False),
    Index(None, "vat_number", "requester", "id"),
    sqlite_autoincrement=True,
)
