"""What was driven again on a person's word, and how far it came."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import ID, KEY, UTC_TIME

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("id", ID, nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("finished_at", UTC_TIME),
        sa.PrimaryKeyConstraint("id", name="pk_replays"),
        sqlite_autoincrement=True,
    )
