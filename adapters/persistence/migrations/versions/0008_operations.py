"""Indexes for what operations ask: the lanes of a company, mails about an order, and a message that was set aside by the broker's id."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_HAS_ID = "message_id <> ''"


def upgrade() -> None:
    op.create_index("ix_integrations_company", "integrations", ["company"])
    op.create_index("ix_alerts_key", "alerts", ["key"])
    op.create_index(
        "ix_quarantined_messages_message_id",
        "quarantined_messages",
        ["message_id"],
        postgresql_where=sa.text(_HAS_ID),
        sqlite_where=sa.text(_HAS_ID),
    )
