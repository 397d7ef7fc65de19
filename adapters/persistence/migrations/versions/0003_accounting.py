"""The steps of a delivery, and what accounting destinations remember: consents with their tokens, calls made, names of ours at a vendor."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import KEY, UTC_TIME

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _delivery_steps()
    _connections()
    _call_budgets()
    _remote_links()


def _delivery_steps() -> None:
    op.create_table(
        "delivery_steps",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sending", sa.Integer(), nullable=False),
        sa.Column("step", KEY, nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_delivery_steps_delivery_id"),
        sa.PrimaryKeyConstraint("delivery_id", "sending", "step", name="pk_delivery_steps"),
    )


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("integration", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("access_expires_at", UTC_TIME),
        sa.Column("refreshed_at", UTC_TIME),
        sa.Column("connected_at", UTC_TIME),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["integration"], ["integrations.path"], name="fk_connections_integration"),
        sa.PrimaryKeyConstraint("integration", name="pk_connections"),
    )


def _call_budgets() -> None:
    op.create_table(
        "call_budgets",
        sa.Column("key", KEY, nullable=False),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_call_budgets"),
    )


def _remote_links() -> None:
    op.create_table(
        "remote_links",
        sa.Column("scope", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("remote_id", KEY, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "type", "key", name="pk_remote_links"),
    )
    op.create_index("ix_remote_links_scope_type_remote_id", "remote_links", ["scope", "type", "remote_id"])
