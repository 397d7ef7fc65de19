"""Messages that were set aside may be dismissed: somebody mended them by hand."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import UTC_TIME

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEX = "ix_quarantined_messages_open"
_OPEN = "replayed_at IS NULL AND dismissed_at IS NULL"


def upgrade() -> None:
    op.add_column("quarantined_messages", sa.Column("dismissed_at", UTC_TIME))
    for name in ("dismissed_by", "dismissed_because"):
        op.add_column("quarantined_messages", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.drop_index(_INDEX, "quarantined_messages")
    op.create_index(_INDEX, "quarantined_messages", ["id"], postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN))
