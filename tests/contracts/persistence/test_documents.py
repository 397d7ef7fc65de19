from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.documents import DocumentFilter, NewDocument
from application.ports.unit_of_work import UnitOfWork
from domain.errors import Conflict, NotFound
from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.document import DocumentType
from domain.invoicing.number_series import GENESIS, NumberSeries, chain_hash
from tests import factories
from tests.contracts.persistence.stock import NOW, a_draft, a_version, credit, issue, issue_orders, keep_orders


def test_a_new_series_starts_at_its_first_number(units_of_work: SqlUnitsOfWork) -> None:
    """One series for each admin company and document type."""
    with units_of_work() as uow:
        invoices = uow.documents.lock_series("acme-print", DocumentType.INVOICE, 500)
        credits_ = uow.documents.lock_series("acme-print", DocumentType.CREDIT_NOTE, 1)
        every = uow.documents.series()

    assert invoices == NumberSeries("acme-print", DocumentType.INVOICE, 500, GENESIS, None)
    assert list(every) == [credits_, invoices]


def test_the_first_number_may_change_until_it_is_used(units_of_work: SqlUnitsOfWork) -> None:
    """Up and down, before the first document; afterwards it is ignored."""
    [order_id] = keep_orders(units_of_work, a_version())

    with units_of_work() as uow:
        numbers = [uow.documents.lock_series("acme-print", DocumentType.INVOICE, first).next_number for first in (500, 700, 300)]
        issue(uow, [[(order_id, "90001")]], first=300)
        numbers.append(uow.documents.lock_series("acme-print", DocumentType.INVOICE, 1).next_number)

    assert numbers == [500, 700, 300, 301]


def test_an_issued_document_comes_back_as_it_was_issued(units_of_work: SqlUnitsOfWork) -> None:
    """Columns, content and hashes; the content's text is the very one that was hashed."""
    [document_id] = issue_orders(units_of_work, "90001")

    with units_of_work() as uow:
        stored = uow.documents.get(document_id)

    expected, _ = factories.issue(a_draft(["90001"]))
    assert stored.issued.draft.totals == expected.draft.totals
    # The facts of the tax decision come back in the order of the canonical content.
    assert dict(stored.issued.draft.tax_decision.facts) == dict(expected.draft.tax_decision.facts)
    assert replace(stored.issued, draft=expected.draft) == expected
    assert (stored.issued_at, stored.credited_orders) == (NOW, frozenset())


def test_numbers_follow_each_other_and_hashes_chain(units_of_work: SqlUnitsOfWork) -> None:
    """Across units of work, in the order of issue."""
    issue_orders(units_of_work, "1", "2")
    issue_orders(units_of_work, "3")

    with units_of_work() as uow:
        chain = uow.documents.chain("acme-print", DocumentType.INVOICE, 0, 2)
        rest = uow.documents.chain("acme-print", DocumentType.INVOICE, 2, 2)
        [series] = uow.documents.series()

    documents = [stored.issued for stored in [*chain, *rest]]
    assert [document.number for document in documents] == [1, 2, 3]
    previous = GENESIS
    for document in documents:
        header = (document.number, document.display_number, document.issued_on, document.due_on, document.content_sha256)
        assert (document.previous_hash, document.chain_hash) == (
            previous,
            chain_hash("acme-print", DocumentType.INVOICE, *header, previous),
        )
        previous = document.chain_hash
    assert (series.next_number, series.last_hash, series.last_issued_on) == (4, previous, factories.TODAY)


def test_a_number_is_not_used_up_by_a_roll_back(units_of_work: SqlUnitsOfWork) -> None:
    """The next unit of work takes the same number."""
    [order_id] = keep_orders(units_of_work, a_version())

    for _ in range(2):
        with units_of_work() as uow:
            [document_id] = issue(uow, [[(order_id, "90001")]])
            assert uow.documents.get(document_id).issued.number == 1


def test_issuing_marks_the_orders(units_of_work: SqlUnitsOfWork) -> None:
    """Their row tells the live invoice, so that whoever locks it knows."""
    ids = keep_orders(units_of_work, a_version("1"), a_version("2"))
    with units_of_work() as uow:
        issue(uow, [[(ids[0], "1"), (ids[1], "2")]])
        uow.commit()

    with units_of_work() as uow:
        locked = uow.orders.lock_many(ids)

    marks = [(stored.invoice_number, stored.invoiced_fingerprint, stored.decision) for stored in locked]
    assert marks == [("INV-000001", "fingerprint of 1", "invoiced"), ("INV-000001", "fingerprint of 2", "invoiced")]


def test_an_order_on_a_live_invoice_is_refused(units_of_work: SqlUnitsOfWork) -> None:
    """The database holds I2 whatever the program does; nothing of the second attempt is kept."""
    [order_id] = keep_orders(units_of_work, a_version())
    with units_of_work() as uow:
        issue(uow, [[(order_id, "90001")]])
        uow.commit()

    with pytest.raises(Conflict) as refusal, units_of_work() as uow:
        issue(uow, [[(order_id, "90001")]])

    assert refusal.value.code == "already_invoiced"
    with units_of_work() as uow:
        assert [row.number for row in uow.documents.list(DocumentFilter(), 0, 10)] == [1]


def test_a_number_that_is_taken_is_refused(units_of_work: SqlUnitsOfWork) -> None:
    """Who works on a series that moved on since gets nothing stored."""
    ids = keep_orders(units_of_work, a_version("1"), a_version("2"))
    with units_of_work() as uow:
        issue(uow, [[(ids[0], "1")]])
        stale = factories.a_series()
        with pytest.raises(Conflict) as refusal:
            _issue_on(uow, stale, ids[1])

    assert refusal.value.code == "number_taken"


def test_a_number_beyond_the_series_is_refused(units_of_work: SqlUnitsOfWork) -> None:
    """There would be a gap."""
    [order_id] = keep_orders(units_of_work, a_version("1"))

    with units_of_work() as uow:
        uow.documents.lock_series("acme-print", DocumentType.INVOICE, 1)
        with pytest.raises(Conflict) as refusal:
            _issue_on(uow, factories.a_series(next_number=5), order_id)

    assert refusal.value.code == "series_moved"


def _issue_on(uow: UnitOfWork, series: NumberSeries, order_id: int) -> None:
    draft = a_draft(["90001"])
    issued, after = factories.issue(draft, series)
    uow.documents.add([NewDocument(issued, canonical_json(to_content(draft)), ((order_id, "f"),), None)], after, NOW)


def test_adding_nothing_does_nothing(units_of_work: SqlUnitsOfWork) -> None:
    """A chunk may turn out to be empty."""
    with units_of_work() as uow:
        series = uow.documents.lock_series("acme-print", DocumentType.INVOICE, 1)
        assert not uow.documents.add([], series, NOW)


@pytest.mark.parametrize(
    ("currency", "price", "net"),
    [("GBP", "0.01", "0.02"), ("GBP", "999999999999.99", "1999999999999.98"), ("JPY", "7", "14"), ("KWD", "0.125", "0.250")],
)
def test_money_is_exact_in_every_currency(units_of_work: SqlUnitsOfWork, currency: str, price: str, net: str) -> None:
    """Two, no or three decimals, small and large: what is listed is what was issued."""
    [order_id] = keep_orders(units_of_work, a_version())
    line = factories.an_order_line(unit_cost_price=Decimal(price))
    draft = factories.a_draft(factories.an_order(currency=currency, lines=(line,), shipping_price=Decimal(0)))

    with units_of_work() as uow:
        issue(uow, [[(order_id, "90001")]], currency=currency, totals=draft.totals, lines=draft.lines)
        [row] = uow.documents.list(DocumentFilter(), 0, 10)

    assert (row.net, row.tax, row.total) == (draft.totals.net, draft.totals.tax, draft.totals.total)
    assert str(row.net) == net


def test_a_credit_note_frees_the_orders_it_names(units_of_work: SqlUnitsOfWork) -> None:
    """They may be invoiced again, and their decision is older than any configuration."""
    ids = keep_orders(units_of_work, a_version("1"), a_version("2"))
    with units_of_work() as uow:
        [invoice] = issue(uow, [[(ids[0], "1"), (ids[1], "2")]])
        uow.commit()

    with units_of_work() as uow:
        credit_note, freed = credit(uow, invoice, "2")
        uow.commit()

    with units_of_work() as uow:
        outdated = uow.orders.lock_outdated("501", 1, 10)
        stored = uow.documents.get(invoice)
        issue(uow, [[(ids[1], "2")]])
        rows = {row.document_id: row for row in uow.documents.list(DocumentFilter(type=None), 0, 10)}

    assert list(freed) == [ids[1]]
    assert [(order.ref, order.invoice_number, order.invoiced_fingerprint) for order in outdated] == [("2", "", "")]
    assert stored.credited_orders == frozenset({"2"})
    assert (rows[invoice].state, rows[invoice].orders) == ("partly_credited", ("1", "2"))
    assert (rows[credit_note].state, rows[credit_note].orders, rows[credit_note].corrects) == ("issued", ("2",), "INV-000001")


def test_an_order_is_credited_once(units_of_work: SqlUnitsOfWork) -> None:
    """A second credit note finds nothing to free."""
    [invoice] = issue_orders(units_of_work, "1")

    with units_of_work() as uow:
        _, first = credit(uow, invoice, "1")
        _, second = credit(uow, invoice, "1")
        [row] = uow.documents.list(DocumentFilter(), 0, 10)

    assert (len(first), len(second), row.state) == (1, 0, "credited")


def test_documents_are_found_by_number(units_of_work: SqlUnitsOfWork) -> None:
    """By display number, by series and display number, and by series and plain number."""
    issue_orders(units_of_work, "1", "2")

    def found(number: str, type_: DocumentType = DocumentType.INVOICE) -> list[int]:
        with units_of_work() as uow:
            return [stored.issued.number for stored in uow.documents.find(number, type_)]

    assert found("INV-000002") == [2]
    assert found("acme-print:INV-000002") == [2]
    assert found("acme-print:2") == [2]
    assert found("other:2") == []
    assert found("2") == []
    assert found("INV-000002", DocumentType.CREDIT_NOTE) == []
    assert found("acme-print:" + "9" * 40) == []


def test_several_documents_come_by_id(units_of_work: SqlUnitsOfWork) -> None:
    """Unknown ids are left out of many, and an error for one."""
    first, second = issue_orders(units_of_work, "1", "2")

    with units_of_work() as uow:
        many = uow.documents.get_many([second, first, 10**9])
        with pytest.raises(NotFound):
            uow.documents.get(10**9)

    assert {id_: stored.issued.number for id_, stored in many.items()} == {first: 1, second: 2}


def test_lists_filter_and_page_by_id(units_of_work: SqlUnitsOfWork) -> None:
    """By type, company, admin company, order and run."""
    ids = keep_orders(units_of_work, a_version("1"), a_version("2"), a_version("3"))
    with units_of_work() as uow:
        run_id = uow.runs.add("501", "slot", NOW)
        first, second = issue(uow, [[(ids[0], "1")], [(ids[1], "2")]], run_id=run_id)
        [third] = issue(uow, [[(ids[2], "3")]], company="777")
        credit_note, _ = credit(uow, first, "1")
        in_run = uow.documents.issued_in_run(run_id or 0)
        uow.commit()

    def listed(wanted: DocumentFilter, after: int = 0, limit: int = 10) -> list[int]:
        with units_of_work() as uow:
            return [row.document_id for row in uow.documents.list(wanted, after, limit)]

    assert listed(DocumentFilter()) == [first, second, third]
    assert listed(DocumentFilter(), after=first, limit=1) == [second]
    assert listed(DocumentFilter(type=None)) == [first, second, third, credit_note]
    assert listed(DocumentFilter(type=DocumentType.CREDIT_NOTE)) == [credit_note]
    assert listed(DocumentFilter(company="777")) == [third]
    assert listed(DocumentFilter(admin_company="nobody")) == []
    assert listed(DocumentFilter(run_id=run_id)) == [first, second]
    assert list(in_run) == [(1, "INV-000001"), (2, "INV-000002")]
    assert listed(DocumentFilter(type=None, order_ref="1")) == [first, credit_note]


def test_dates_survive(units_of_work: SqlUnitsOfWork) -> None:
    """Issue and due date are days, not times."""
    issue_orders(units_of_work, "1")

    with units_of_work() as uow:
        [row] = uow.documents.list(DocumentFilter(), 0, 1)
        stored = uow.documents.get(row.document_id)

    assert (row.issued_on, stored.issued.due_on) == (factories.TODAY, date(2026, 12, 21))
