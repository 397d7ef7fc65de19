"""The highest number of ours that a vendor's books hold, so that a series which fell behind it issues nothing."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import KEY, UTC_TIME

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_guards",
        sa.Column("admin_company", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("highest_number", sa.BigInteger(), nullable=False),
        sa.Column("display_number", sa.Text(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("seen_at", UTC_TIME, nullable=False),
        sa.Column("lifted_number", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("admin_company", "type", name="pk_number_guards"),
    )
