"""What went wrong with a connection or an integration: one row from the first sight to the end, and what was told of it."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import ID, KEY, UTC_TIME

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = "resolved_at IS NULL"
_DUE = "due_at IS NOT NULL"
_NEEDS_HUMAN = "state = 'needs_human'"


def upgrade() -> None:
    _incidents()
    _notices()
    op.create_index(
        "ix_deliveries_needs_human",
        "deliveries",
        ["integration", "id"],
        postgresql_where=sa.text(_NEEDS_HUMAN),
        sqlite_where=sa.text(_NEEDS_HUMAN),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", ID, nullable=False),
        sa.Column("cause", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", UTC_TIME, nullable=False),
        sa.Column("last_seen_at", UTC_TIME, nullable=False),
        sa.Column("reminded_at", UTC_TIME),
        sa.Column("resolved_at", UTC_TIME),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_incidents_open", "incidents", ["subject", "cause"], unique=True, postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN)
    )


def _notices() -> None:
    op.create_table(
        "incident_notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("event", KEY, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("due_at", UTC_TIME),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("posted_at", UTC_TIME),
        sa.Column("last_error", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_notices_incident_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incident_notices_due", "incident_notices", ["due_at"], postgresql_where=sa.text(_DUE), sqlite_where=sa.text(_DUE))
