"""The triggers that keep issued documents and records of the past as they are."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if _on_postgresql():
        op.execute(_REFUSE)
    for table, event, condition, reason in _RULES:
        _guard(table, event, condition, reason)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard(table: str, event: str, condition: str, reason: str) -> None:
    """Refuse the event on rows for which the condition holds; an empty one holds for all, and then also TRUNCATE is refused."""
    trigger = f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
    if not _on_postgresql():
        op.execute(f"{trigger} {condition and f'WHEN {condition}'} BEGIN SELECT RAISE(ABORT, '{reason}'); END")
        return
    op.execute(f"{trigger} FOR EACH ROW {condition and f'WHEN ({condition})'} EXECUTE FUNCTION billhook_refuse('{reason}')")
    if event == "DELETE":
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION billhook_refuse('{reason}')"
        )


_REFUSE = """
CREATE FUNCTION billhook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$$
"""
# An order leaves its invoice once, by a credit note; nothing else of the link ever changes.
_OTHER_THAN_CREDIT = (
    "OLD.credited_by IS NOT NULL OR NEW.credited_by IS NULL OR NEW.document_id <> OLD.document_id OR NEW.order_id <> OLD.order_id"
    " OR NEW.order_ref <> OLD.order_ref OR NEW.fingerprint <> OLD.fingerprint"
)
# The first number may be chosen until it is used.
_BACKWARDS = (
    "NEW.admin_company <> OLD.admin_company OR NEW.type <> OLD.type OR (OLD.last_issued_on IS NOT NULL"
    " AND (NEW.next_number < OLD.next_number OR NEW.last_issued_on IS NULL OR NEW.last_issued_on < OLD.last_issued_on))"
)
_RULES = (
    ("documents", "UPDATE", "", "issued documents never change"),
    ("documents", "DELETE", "", "issued documents are never deleted"),
    ("document_orders", "UPDATE", _OTHER_THAN_CREDIT, "an order leaves an invoice only by a credit note"),
    ("document_orders", "DELETE", "", "the orders of issued documents are never deleted"),
    ("number_series", "UPDATE", _BACKWARDS, "a number series never goes backwards"),
    ("number_series", "DELETE", "", "a number series is never deleted"),
    ("order_arrivals", "UPDATE", "", "the record of messages is append-only"),
    ("order_arrivals", "DELETE", "", "the record of messages is append-only"),
    ("delivery_attempts", "UPDATE", "", "the record of attempts is append-only"),
    ("delivery_attempts", "DELETE", "", "the record of attempts is append-only"),
    ("deliveries", "DELETE", "", "what was owed is never deleted"),
    ("quarantined_messages", "DELETE", "", "what was set aside is never deleted"),
    ("audit_log", "UPDATE", "", "the audit log is append-only"),
    ("audit_log", "DELETE", "", "the audit log is append-only"),
)
