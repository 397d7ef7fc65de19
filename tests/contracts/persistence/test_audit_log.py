from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.audit_log import AuditEntry
from tests.contracts.persistence.stock import NOW, seconds


def test_entries_about_a_subject_come_oldest_first(units_of_work: SqlUnitsOfWork) -> None:
    """Whole, and without those about others."""
    entries = [
        AuditEntry(NOW, "ann", "paused", "lane 1", "vendor down", "until noon"),
        AuditEntry(NOW + seconds(1), "bob", "resumed", "lane 1"),
    ]

    with units_of_work() as uow:
        for entry in [*entries, AuditEntry(NOW, "ann", "paused", "lane 2")]:
            uow.audit.add(entry)
        uow.commit()

    with units_of_work() as uow:
        assert entries == list(uow.audit.about("lane 1"))
