"""The documents of an order are found without reading the links of all orders."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CREDITED = sa.text("credited_by IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_document_orders_credited", "document_orders", ["order_id"], postgresql_where=_CREDITED, sqlite_where=_CREDITED)
