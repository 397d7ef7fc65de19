"""Our documents as jortt's: figures, texts, rates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.jortt.arithmetic import Sums, add_up, is_expressible, line_amount, ours, require_close
from adapters.accounting.jortt.documents import changed_body, plain, write
from adapters.accounting.jortt.mapped import Mapped
from adapters.accounting.jortt.papers import CREDIT_NOTE, ESTIMATE, INVOICE, Kind, Paper
from adapters.accounting.jortt.texts import folded_name, listed, one_line
from adapters.accounting.jortt.vats import Vat, Vats, read_vats
from domain.errors import DomainError
from domain.invoicing.totals import total_lines
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import InvoiceLine
from tests.factories import a_party, an_invoice_line, an_issued

DUTCH = Vats(frozenset({Vat(Decimal("0.21")), Vat(Decimal("0.09")), Vat(Decimal("0.00"))}))
CENTS = st.decimals(min_value=Decimal(-10000), max_value=10000, places=2)


def a_line(net: str = "12.50", rate: str = "0.21", **changes: object) -> InvoiceLine:
    return an_invoice_line(net, rate, **changes)


def a_paper(*lines: InvoiceLine, kind: Kind = INVOICE, **changes: object) -> Paper:
    given_lines = lines or (a_line(),)
    totals = total_lines(given_lines, "EUR")
    paper = Paper(kind, "INV-000001", a_party(), True, given_lines, totals, "EUR", ("90001",), an_issued())
    return replace(paper, **changes)


def body_of(paper: Paper, vats: Vats = DUTCH, mapped: Mapped | None = None) -> dict[str, object]:
    return write(paper, "c-1", vats, mapped or Mapped(), Decimal("0.01")).body


@given(st.lists(st.tuples(CENTS, st.sampled_from(["0.21", "0.09", "0"])), min_size=1, max_size=20))
def test_jortt_comes_to_what_the_invoice_says_whatever_is_on_it(lines: list[tuple[Decimal, str]]) -> None:
    """Both reckon VAT once for each rate, on the sum of the lines."""
    invoice = [a_line(str(net), rate) for net, rate in lines]

    theirs = add_up([(line.net, line.tax.rate) for line in invoice])

    assert theirs == ours(total_lines(invoice, "EUR"))


def test_a_line_is_rounded_before_it_is_added() -> None:
    assert line_amount(Decimal("0.5"), Decimal("0.01")) == Decimal("0.01")


@pytest.mark.parametrize(
    ("quantity", "price", "net", "fits"),
    [("3", "1.25", "3.75", True), ("3", "1.2345", "3.70", False), ("0.125", "8", "1.00", False), ("2", "1.00", "1.99", False)],
)
def test_what_two_decimals_cannot_say_is_not_expressible(quantity: str, price: str, net: str, fits: bool) -> None:
    assert is_expressible(Decimal(quantity), Decimal(price), Decimal(net)) is fits


def test_a_cent_is_within_the_tolerance_and_two_are_not() -> None:
    here = Sums(Decimal("10.00"), Decimal("2.10"), Decimal("12.10"))
    require_close(here, Sums(Decimal("10.00"), Decimal("2.11"), Decimal("12.11")), Decimal("0.01"))

    with pytest.raises(DomainError, match=r"tax 2.12") as refusal:
        require_close(here, Sums(Decimal("10.00"), Decimal("2.12"), Decimal("12.12")), Decimal("0.01"))

    assert refusal.value.code == "totals_differ"


def test_all_figures_are_texts() -> None:
    """And the rate is a fraction (facts: accounting-apis, B3.6)."""
    [line] = body_of(a_paper(a_line(quantity=Decimal(2), unit_price=Decimal("6.25"))))["line_items"]

    assert (line["quantity"], line["amount"], line["vat"]) == (
        "2",
        {"amount": "6.25", "currency": "EUR"},
        {"value": "0.21", "category": None},
    )


def test_a_credit_note_has_negative_quantities_and_positive_prices() -> None:
    paper = a_paper(kind=CREDIT_NOTE, corrects="INV-000001")

    written = write(paper, "c-1", DUTCH, Mapped(), Decimal(0))

    [line] = written.body["line_items"]
    assert (line["quantity"], line["amount"]["amount"]) == ("-1", "12.50")
    assert written.sums.total == -paper.totals.total
    assert "customer_id" not in changed_body(written)


def test_an_estimate_has_neither_days_nor_terms() -> None:
    body = body_of(a_paper(kind=ESTIMATE, issued_on=date(2026, 11, 21), payment_term=30, supplied=(date(2026, 11, 2),)))

    assert not body.keys() & {"invoice_date", "payment_term", "delivery_period", "payment_method"}


def test_an_invoice_has_its_days_and_the_days_of_supply() -> None:
    body = body_of(a_paper(issued_on=date(2026, 11, 21), payment_term=14, supplied=(date(2026, 11, 2), date(2026, 11, 5))))

    assert (body["invoice_date"], body["payment_term"]) == ("2026-11-21", 14)
    assert (body["delivery_period"], body["delivery_period_end"]) == ("2026-11-02", "2026-11-05")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (a_line(), "TEE-BLK-M T-shirt, black, M"),
        (a_line(sku="SHIPPING", description="Shipping: Next Day"), "Shipping: Next Day"),
        (a_line(description="TEE-BLK-M"), "TEE-BLK-M"),
        (a_line(sku="", description="  Two\n lines\x00 "), "Two lines"),
        (a_line(sku="", description=""), "Item"),
    ],
)
def test_a_line_says_its_sku_and_its_text(line: InvoiceLine, text: str) -> None:
    """There are no articles that could."""
    assert body_of(a_paper(line))["line_items"][0]["description"] == text


@pytest.mark.parametrize(
    ("category", "rate", "allowed", "sent"),
    [
        (Category.INTRA_COMMUNITY, "0", [("0.00", None)], None),
        (Category.OUTSIDE_SCOPE, "0", [("0.00", "exempt")], "exempt"),
        (Category.EXEMPT, "0", [("0.00", None), ("0.00", "exempt")], "exempt"),
    ],
)
def test_what_is_not_taxed_takes_the_category_that_jortt_offers(
    category: Category, rate: str, allowed: list[tuple[str, str | None]], sent: str | None
) -> None:
    offered = Vats(frozenset(read_vats([{"value": value, "category": each} for value, each in allowed])))

    assert offered.of(LineTax(category, Decimal(rate))).body() == {"value": "0.00", "category": sent}


def test_what_is_exempt_is_never_entered_as_zero_rated() -> None:
    with pytest.raises(DomainError) as refusal:
        DUTCH.of(LineTax(Category.EXEMPT, Decimal(0)))

    assert refusal.value.code == "vat_not_offered"


def test_a_rate_of_three_decimals_keeps_them() -> None:
    assert Vat(Decimal("0.055")).body()["value"] == "0.055"


def test_what_the_map_gives_stands_over_the_documents_own() -> None:
    mapped = Mapped({"remarks": "Thank you"}, {}, ({"ledger_account_id": "a-1"},))

    body = body_of(a_paper(), mapped=mapped)

    assert body["remarks"] == "Thank you"
    assert body["line_items"][0]["ledger_account_id"] == "a-1"


@pytest.mark.parametrize(("number", "text"), [("2.00", "2"), ("100", "100"), ("1E+2", "100"), ("0.50", "0.5"), ("-3", "-3")])
def test_numbers_are_written_plainly(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_names_are_the_same_whatever_their_case_accents_and_points() -> None:
    assert folded_name(" Zoë  van der Berg B.V. ") == folded_name("ZOE VAN DER BERG BV")
    assert folded_name("王小明") != folded_name("王大明")


def test_orders_that_do_not_fit_are_counted() -> None:
    assert listed(("90001", "90002", "90003"), 16) == "90001 (+2)"
    assert listed(("90001", "90002"), 100) == "90001, 90002"
    assert len(one_line("x" * 50, 10)) == 10
