"""Our books, with what became of the documents at one integration."""

from decimal import Decimal

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Owed
from tests.contracts.persistence.lane_work import OTHER
from tests.contracts.persistence.stock import MAILER, NOW, credit, issue_orders, seconds


def test_documents_are_found_by_number_with_their_delivery_to_the_integration(lanes: SqlUnitsOfWork) -> None:
    """One that another integration is owed is known, and has no delivery here; one of another admin company is not."""
    first, second = issue_orders(lanes, "1", "2")
    with lanes() as uow:
        note, _ = credit(uow, first, "1")
        uow.deliveries.owe([Owed(MAILER, "invoice", first), Owed(OTHER, "invoice", second), Owed(MAILER, "credit_note", note)], NOW)
        uow.commit()

    with lanes() as uow:
        invoices = uow.books.by_numbers(MAILER, "acme-print", "invoice", {"INV-000001", "INV-000002", "INV-000009", "CN-000001"})
        notes = uow.books.by_numbers(MAILER, "acme-print", "credit_note", ["CN-000001"])
        of_another = uow.books.by_numbers(MAILER, "other", "invoice", ["INV-000001", "INV-000002"])

    assert {number: (each.document_id, each.delivery and each.delivery.state.value) for number, each in invoices.items()} == {
        "INV-000001": (first, "pending"),
        "INV-000002": (second, None),
    }
    one = invoices["INV-000001"]
    assert (one.currency, one.net + one.tax, one.total) == ("GBP", one.total, Decimal("19.20"))
    assert [each.document_id for each in notes.values()] == [note]
    assert [each.document_id for each in of_another.values()] == [first]


def test_what_an_integration_is_owed_is_paged_by_delivery(lanes: SqlUnitsOfWork) -> None:
    """Orders are no documents; with a time, what was owed from then on."""
    documents = issue_orders(lanes, "1", "2", "3")
    with lanes() as uow:
        uow.deliveries.owe([Owed(MAILER, "invoice", documents[0]), Owed(MAILER, "order", 1)], NOW)
        uow.deliveries.owe([Owed(MAILER, "invoice", id_) for id_ in documents[1:]], NOW + seconds(60))
        uow.deliveries.owe([Owed(OTHER, "invoice", id_) for id_ in documents], NOW + seconds(60))
        uow.commit()

    with lanes() as uow:
        first = uow.books.owed(MAILER, None, 0, 2)
        rest = uow.books.owed(MAILER, None, first[-1].delivery.delivery_id, 2)  # type: ignore[union-attr]
        late = uow.books.owed(MAILER, NOW + seconds(60), 0, 10)

    assert [each.document_id for each in (*first, *rest)] == documents
    assert [each.document_id for each in late] == documents[1:]


def test_the_last_issue_of_an_admin_company_is_known(lanes: SqlUnitsOfWork) -> None:
    """None before the first."""
    with lanes() as uow:
        before = uow.books.last_issued_at("acme-print")
    issue_orders(lanes, "1")

    with lanes() as uow:
        assert (before, uow.books.last_issued_at("acme-print"), uow.books.last_issued_at("other")) == (None, NOW, None)
