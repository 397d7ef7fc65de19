"""The highest numbers in vendors' books."""

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.number_guards import NumberGuard, NumberSeen
from domain.invoicing.document import DocumentType
from tests.contracts.persistence.stock import NOW, seconds

INVOICE, CREDIT_NOTE = DocumentType.INVOICE, DocumentType.CREDIT_NOTE


def seen(number: int, type_: DocumentType = INVOICE, integration: str = "501/xero") -> NumberSeen:
    return NumberSeen("acme-print", type_, number, f"INV-{number:06d}", integration)


def test_the_highest_number_stays(units_of_work: SqlUnitsOfWork) -> None:
    """Whoever sees a lower one later, or the same; each series for itself."""
    with units_of_work() as uow:
        for number, later in ((7, 0), (9, 1), (9, 2), (3, 3)):
            uow.number_guards.see(seen(number), NOW + seconds(later))
        uow.number_guards.see(seen(2, CREDIT_NOTE, "777/jortt"), NOW)
        uow.commit()

    with units_of_work() as uow:
        assert uow.number_guards.find("acme-print", INVOICE) == NumberGuard(seen(9), NOW + seconds(1))
        assert [guard.seen for guard in uow.number_guards.list()] == [seen(2, CREDIT_NOTE, "777/jortt"), seen(9)]
        assert uow.number_guards.find("other", INVOICE) is None


def test_lifting_holds_up_to_the_number_that_was_seen(units_of_work: SqlUnitsOfWork) -> None:
    """A higher one that is seen later is not lifted."""
    with units_of_work() as uow:
        uow.number_guards.see(seen(9), NOW)
        uow.number_guards.see(seen(4, CREDIT_NOTE), NOW)
        uow.number_guards.lift("acme-print", INVOICE)
        uow.number_guards.see(seen(12), NOW)

        guard, other = uow.number_guards.find("acme-print", INVOICE), uow.number_guards.find("acme-print", CREDIT_NOTE)

    assert guard is not None
    assert other is not None
    assert (guard.seen.number, guard.lifted_number, other.lifted_number) == (12, 9, 0)
