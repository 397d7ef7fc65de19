"""What VAT registers answered, appended to and never changed; and what is carried between accounting systems."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import ID, KEY, UTC_TIME

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_REASON = "answers about VAT numbers are kept as they came"


def upgrade() -> None:
    _vat_checks()
    _flows()


def _vat_checks() -> None:
    op.create_table(
        "vat_checks",
        sa.Column("id", ID, nullable=False),
        sa.Column("vat_number", KEY, nullable=False),
        sa.Column("requester", KEY, nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("consultation_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checked_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vat_checks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vat_checks_vat_number_requester_id", "vat_checks", ["vat_number", "requester", "id"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for event in ("UPDATE", "DELETE"):
        trigger = f"CREATE TRIGGER vat_checks_no_{event.lower()} BEFORE {event} ON vat_checks"
        if on_postgresql:
            op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION billhook_refuse('{_REASON}')")
        else:
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{_REASON}'); END")
    if on_postgresql:
        op.execute(
            "CREATE TRIGGER vat_checks_no_truncate BEFORE TRUNCATE ON vat_checks"
            f" FOR EACH STATEMENT EXECUTE FUNCTION billhook_refuse('{_REASON}')"
        )


def _flows() -> None:
    op.create_table(
        "flows",
        sa.Column("name", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_flows"),
    )
    op.create_table(
        "flow_states",
        sa.Column("name", KEY, nullable=False),
        sa.Column("schedule_fingerprint", sa.Text(), nullable=False),
        sa.Column("next_run_at", UTC_TIME),
        sa.Column("next_slot", sa.Text(), nullable=False),
        sa.Column("cursors", sa.Text(), nullable=False),
        sa.Column("restarts", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", UTC_TIME),
        sa.Column("ran_at", UTC_TIME),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_flow_states"),
    )
    op.create_table(
        "flow_items",
        sa.Column("flow", KEY, nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.Column("remote_id", KEY, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("taken_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("flow", "what", "remote_id", name="pk_flow_items"),
    )
    op.create_table(
        "flow_customers",
        sa.Column("id", ID, nullable=False),
        sa.Column("flow", KEY, nullable=False),
        sa.Column("remote_id", KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flow_customers"),
        sqlite_autoincrement=True,
    )
