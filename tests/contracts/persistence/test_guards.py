import re

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.audit_log import AuditEntry
from application.ports.deliveries import Change, Owed
from domain.delivery.state import DeliveryState
from tests.contracts.persistence.stock import MAILER, NOW, configure, credit, issue_orders

TAMPERING = [
    "UPDATE documents SET total_minor = 1",
    "UPDATE documents SET content = content",
    "DELETE FROM documents",
    "UPDATE document_orders SET fingerprint = 'x' WHERE credited_by IS NULL",
    "UPDATE document_orders SET credited_by = NULL WHERE credited_by IS NOT NULL",
    "UPDATE document_orders SET credited_by = 1 WHERE credited_by IS NOT NULL",
    "UPDATE document_orders SET credited_by = 1, order_id = 99 WHERE credited_by IS NULL",
    "DELETE FROM document_orders",
    "UPDATE number_series SET next_number = next_number - 1",
    "UPDATE number_series SET last_issued_on = '2026-11-20'",
    "UPDATE number_series SET last_issued_on = NULL",
    "UPDATE number_series SET type = 'other'",
    "DELETE FROM number_series",
    "UPDATE order_arrivals SET outcome = 'stale'",
    "DELETE FROM order_arrivals",
    "UPDATE delivery_attempts SET outcome = 'x'",
    "DELETE FROM delivery_attempts",
    "DELETE FROM deliveries",
    "UPDATE audit_log SET actor = 'nobody'",
    "DELETE FROM audit_log",
]
GUARDED = ["documents", "document_orders", "number_series", "order_arrivals", "delivery_attempts", "deliveries", "audit_log"]


@pytest.fixture
def full(engine: Engine, units_of_work: SqlUnitsOfWork) -> Engine:
    """A store with something in every guarded table."""
    configure(units_of_work)
    invoice, _ = issue_orders(units_of_work, "1", "2")
    with units_of_work() as uow:
        credit(uow, invoice, "1")
        uow.deliveries.owe([Owed(MAILER, "invoice", invoice)], NOW)
        uow.audit.add(AuditEntry(NOW, "ann", "paused", "lane"))
        uow.deliveries.change(Change(1, DeliveryState.CANCELLED, "cancel"), DeliveryState.PENDING, NOW)
        uow.commit()
    return engine


def test_the_database_refuses_to_rewrite_the_past(full: Engine) -> None:
    """Whoever asks, and by whatever program."""
    before = _everything(full)

    allowed = [statement for statement in TAMPERING if not _is_refused(full, statement)]

    assert allowed == []
    assert _everything(full) == before


def test_the_guarded_tables_are_not_emptied(postgresql_url: str) -> None:
    """TRUNCATE, which fires no trigger for rows, is refused as well."""
    engine = make_engine(postgresql_url)

    allowed = [table for table in GUARDED if not _is_refused(engine, f"TRUNCATE {table} CASCADE")]

    assert allowed == []
    engine.dispose()


def _is_refused(engine: Engine, statement: str) -> bool:
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except DBAPIError as refusal:
        return re.search(r"\b(never|only)\b", str(refusal.orig)) is not None
    return False


def _everything(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return [connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all() for table in GUARDED]
