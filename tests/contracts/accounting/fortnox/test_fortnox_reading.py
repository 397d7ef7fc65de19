"""What is only read: live checks, articles, and the books."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.ledger import RemoteState
from domain.delivery.outcome import Refused
from tests.contracts.accounting.fortnox.house import FortnoxHouse, a_credit_note, all_delivered, an_invoice, an_invoice_of
from tests.fakes.fortnox import invoices


def results(house: FortnoxHouse) -> dict[str, bool]:
    with house.open() as destination:
        return {result.name: result.ok for result in destination.check()}


def test_a_check_asks_for_all_that_a_delivery_needs_and_changes_nothing(house: FortnoxHouse) -> None:
    expected = dict.fromkeys(("connection", "currencies", "terms of payment", "closed period", "customer", "articles"), True)

    assert results(house) == expected

    assert house.fortnox.effects() == []


def test_a_check_tells_what_is_not_there(house: FortnoxHouse) -> None:
    house.settings |= {"default_customer": "77", "fallback_article": "DIV", "payment_terms": {"30": "90"}}
    house.company.currencies.pop("SEK")
    house.company.locked_until = house.clock.now().date()

    assert [name for name, ok in results(house).items() if ok] == ["connection"]


@pytest.mark.parametrize("scope", ["invoice", "customer", "article", "currency"])
def test_a_check_without_a_licence_names_it(house: FortnoxHouse, scope: str) -> None:
    """Whatever a delivery needs: customers and articles are made for it."""
    house.company.unlicensed_scopes.add(scope)

    with house.open() as destination:
        [failed] = destination.check()

    assert not failed.ok
    assert "licence" in failed.detail


def test_a_check_does_not_ask_for_what_no_delivery_needs(house: FortnoxHouse) -> None:
    """A company without Fortnox's licence for articles or orders can be invoiced."""
    house.settings |= {"articles": "none"}
    house.company.unlicensed_scopes |= {"article", "order"}

    assert all(results(house).values())


def test_articles_that_are_there_are_taken_as_they_are(house: FortnoxHouse) -> None:
    house.fortnox.set_up("1000", "articles", ArticleNumber="tee-blk-m", Description="Tröja")

    assert all_delivered(house.deliver(an_invoice()))

    assert [article["Description"] for article in house.company.articles.values()] == ["Tröja"]
    assert house.invoice()["InvoiceRows"][0]["ArticleNumber"] == "tee-blk-m"


def test_many_new_articles_cost_one_question(house: FortnoxHouse) -> None:
    assert all_delivered(house.deliver(an_invoice_of(1, *["1.00"] * 20)))

    assert house.company.calls["GET", "/3/articles"] == 1
    assert house.company.calls["POST", "/3/articles"] == 20


def test_another_article_stands_in_where_the_settings_say_so(house: FortnoxHouse) -> None:
    house.settings |= {"fallback_article": "DIV"}
    house.fortnox.set_up("1000", "articles", ArticleNumber="DIV", Description="Diverse")

    assert all_delivered(house.deliver(an_invoice()))

    row = house.invoice()["InvoiceRows"][0]
    assert (row["ArticleNumber"], row["Description"]) == ("DIV", "T-shirt, black, M")
    assert list(house.company.articles) == ["DIV"]


def test_a_fallback_that_is_not_there_is_told(house: FortnoxHouse) -> None:
    house.settings |= {"fallback_article": "DIV"}

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "article_missing"


def test_rows_without_articles_carry_the_sku_in_their_text(house: FortnoxHouse) -> None:
    house.settings |= {"articles": "none"}

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoice()["InvoiceRows"][0]["Description"] == "TEE-BLK-M T-shirt, black, M"
    assert house.company.articles == {}


def test_the_books_show_our_documents_with_their_state(house: FortnoxHouse) -> None:
    house.fortnox.set_up("1000", "customers", Name="Somebody")
    house.fortnox.set_up("1000", "invoices", CustomerNumber="1", ExternalInvoiceReference1="INV-000009")
    house.deliver(an_invoice(1), an_invoice(2), a_credit_note(an_invoice(1)))
    invoices.cancel(house.company, "3")

    with house.open_ledger() as ledger:
        documents = list(ledger.documents(None))

    assert [(each.type, each.number, each.state) for each in documents] == [
        ("invoice", "INV-000001", RemoteState.DRAFT),
        ("invoice", "INV-000002", RemoteState.VOIDED),
        ("credit_note", "CN-000001", RemoteState.DRAFT),
    ]
    assert {(each.net, each.tax, each.total, each.currency) for each in documents} == {
        (Decimal("15.99"), Decimal("4.01"), Decimal("20.00"), "SEK")
    }


def test_another_seller_s_documents_in_the_same_books_are_not_ours(house: FortnoxHouse) -> None:
    """Their numbers may be the same as ours, and say nothing about our series."""
    theirs = an_invoice(40)
    house.deliver(an_invoice(1), replace(theirs, draft=replace(theirs.draft, seller=replace(theirs.draft.seller, ref="other-print"))))

    with house.open_ledger() as ledger:
        assert [each.number for each in ledger.documents(None)] == ["INV-000001"]


def test_the_books_can_be_read_since_a_time(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1))
    house.clock.advance(days=2)
    house.deliver(an_invoice(2))

    with house.open_ledger() as ledger:
        documents = list(ledger.documents(house.clock.now() - timedelta(hours=1)))

    assert [each.number for each in documents] == ["INV-000002"]
