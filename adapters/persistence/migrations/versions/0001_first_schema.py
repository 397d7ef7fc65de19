"""The first schema."""

import sqlalchemy as sa
from alembic import op

from adapters.persistence.types import ID, KEY, UTC_TIME

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for create in _TABLES:
        create()
    op.execute("INSERT INTO configuration (id, revision) VALUES (1, 0)")


def _admin_companies() -> None:
    op.create_table(
        "admin_companies",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_admin_companies"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("recipients", KEY, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("batch", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTC_TIME, nullable=False),
        sa.Column("sent_at", UTC_TIME),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("recipients", "batch", "key", name="uq_alerts_recipients_batch_key"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_alerts_unsent", "alerts", ["recorded_at"], "sent_at IS NULL")


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_assets"),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_log_subject_id", "audit_log", ["subject", "id"])


def _companies() -> None:
    op.create_table(
        "companies",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_companies"),
    )


def _configuration() -> None:
    op.create_table(
        "configuration",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_configuration"),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("admin_company", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("display_number", KEY, nullable=False),
        sa.Column("company", KEY, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("chain_hash", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("issued_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("admin_company", "type", "number", name="uq_documents_admin_company_type_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_company_id", "documents", ["company", "id"])
    op.create_index("ix_documents_display_number", "documents", ["display_number"])
    op.create_index("ix_documents_run_id", "documents", ["run_id"])


def _integrations() -> None:
    op.create_table(
        "integrations",
        sa.Column("path", KEY, nullable=False),
        sa.Column("company", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("enabled_revision", sa.Integer(), nullable=False),
        sa.Column("starting_from", UTC_TIME),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_integrations"),
    )


def _lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("integration", KEY, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.Column("parked_until", UTC_TIME),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("integration", name="pk_lanes"),
    )


def _number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("admin_company", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.Text(), nullable=False),
        sa.Column("last_issued_on", sa.Date()),
        sa.PrimaryKeyConstraint("admin_company", "type", name="pk_number_series"),
    )


def _order_arrivals() -> None:
    op.create_table(
        "order_arrivals",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("ref", KEY, nullable=False),
        sa.Column("version", sa.BigInteger()),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_arrivals"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_order_arrivals_message_id", "order_arrivals", ["message_id"], "message_id <> ''")
    op.create_index("ix_order_arrivals_ref_source", "order_arrivals", ["ref", "source"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("ref", KEY, nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("company_ref", KEY, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger()),
        sa.Column("updated_at", UTC_TIME),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("billing_fingerprint", sa.Text(), nullable=False),
        sa.Column("decision", KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.BigInteger()),
        sa.Column("invoice_number", sa.Text(), nullable=False, server_default=""),
        sa.Column("invoiced_fingerprint", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", UTC_TIME),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("ref", "source", name="uq_orders_ref_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_orders_company_ref_id", "orders", ["company_ref", "id"])
    op.create_index("ix_orders_decision_company_ref_id", "orders", ["decision", "company_ref", "id"])
    _partial_index("ix_orders_not_invoiced", "orders", ["revision", "id"], "document_id IS NULL")


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("company", KEY, nullable=False),
        sa.Column("next_run_at", UTC_TIME),
        sa.Column("next_slot", sa.Text(), nullable=False),
        sa.Column("schedule_fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", name="pk_plans"),
    )


def _price_lists() -> None:
    op.create_table(
        "price_lists",
        sa.Column("company", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", name="pk_price_lists"),
    )


def _quarantined_messages() -> None:
    op.create_table(
        "quarantined_messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body_sha256", KEY, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("replayed_at", UTC_TIME),
        sa.PrimaryKeyConstraint("id", name="pk_quarantined_messages"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantined_messages_body_sha256", "quarantined_messages", ["body_sha256"])
    _partial_index("ix_quarantined_messages_open", "quarantined_messages", ["id"], "replayed_at IS NULL")


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("company", KEY, nullable=False),
        sa.Column("slot", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("skipped", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("finished_at", UTC_TIME),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("company", "slot", name="uq_runs_company_slot"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_runs_open", "runs", ["id"], "finished_at IS NULL")


def _tax_rates() -> None:
    op.create_table(
        "tax_rates",
        sa.Column("country", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", name="pk_tax_rates"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("integration", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("resends", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", UTC_TIME),
        sa.Column("lease_token", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("handed_over", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("remote_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("remote_url", sa.Text(), nullable=False, server_default=""),
        sa.Column("last_error", sa.Text(), nullable=False, server_default=""),
        sa.Column("next_step", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["integration"], ["integrations.path"], name="fk_deliveries_integration"),
        sa.UniqueConstraint("subject", "subject_id", "integration", name="uq_deliveries_subject_subject_id_integration"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_deliveries_due", "deliveries", ["integration", "due_at"], "due_at IS NOT NULL")
    _partial_index("ix_deliveries_open", "deliveries", ["integration", "state", "id"], "due_at IS NOT NULL")


def _document_orders() -> None:
    op.create_table(
        "document_orders",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("order_ref", KEY, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("credited_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("document_id", "order_id", name="pk_document_orders"),
        sa.ForeignKeyConstraint(["credited_by"], ["documents.id"], name="fk_document_orders_credited_by"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_document_orders_document_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_document_orders_order_id"),
    )
    _partial_index("ix_document_orders_credited_by", "document_orders", ["credited_by"], "credited_by IS NOT NULL")
    op.create_index("ix_document_orders_order_ref", "document_orders", ["order_ref"])
    _partial_index("uq_document_orders_live", "document_orders", ["order_id"], "credited_by IS NULL", unique=True)


def _delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_delivery_attempts_delivery_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_attempts_delivery_id_id", "delivery_attempts", ["delivery_id", "id"])


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


_TABLES = (
    _admin_companies,
    _alerts,
    _assets,
    _audit_log,
    _companies,
    _configuration,
    _documents,
    _integrations,
    _lanes,
    _number_series,
    _order_arrivals,
    _orders,
    _plans,
    _price_lists,
    _quarantined_messages,
    _runs,
    _tax_rates,
    _deliveries,
    _document_orders,
    _delivery_attempts,
)
