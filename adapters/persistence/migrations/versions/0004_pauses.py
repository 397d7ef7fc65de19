"""What people have stopped, and when a lane was hinted at."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import ID, KEY, UTC_TIME

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = "ended_at IS NULL"


def upgrade() -> None:
    op.add_column("lanes", sa.Column("hinted_at", UTC_TIME))
    op.create_table(
        "pauses",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", UTC_TIME, nullable=False),
        sa.Column("until", UTC_TIME),
        sa.Column("ended_at", UTC_TIME),
        sa.Column("ended_by", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_pauses"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_pauses_open", "pauses", ["scope", "subject"], unique=True, postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN)
    )
