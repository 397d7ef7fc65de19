import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.order_files.csv_text import cell
from adapters.order_files.invoice_csv import COLUMNS, write_invoice_csv
from domain.errors import DomainError
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.totals import total_lines
from domain.money import quantum_of, round_money
from domain.pricing.line_tax import Category
from domain.pricing.price_order import InvoiceLine
from tests.factories import a_draft, a_series, an_invoice_line, an_issued, an_order, issue


def rows(document: Issued, account: str = "PHOTO01", shipping: str = "4905", default: str = "") -> list[dict[str, str]]:
    text = write_invoice_csv(document, account, shipping, default).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def document_of(*lines: InvoiceLine, currency: str = "GBP") -> Issued:
    # Put in after the issue: a document with a lone surrogate could not even be hashed.
    return replace(an_issued(), draft=a_draft(lines=lines, currency=currency, totals=total_lines(lines, currency)))


def test_each_line_is_a_row_and_shipping_has_its_own_nominal_code() -> None:
    """The columns of the audit trail import."""
    goods, shipping = rows(an_issued())

    assert list(goods) == list(COLUMNS)
    assert goods == {
        "Type": "SI",
        "Account Reference": "PHOTO01",
        "Nominal A/C Ref": "4000",
        "Department Code": "",
        "Date": "21/11/2026",
        "Reference": "INV-000001",
        "Details": "T-shirt, black, M",
        "Net Amount": "12.50",
        "Tax Code": "T1",
        "Tax Amount": "2.50",
        "Tax Rate": "20",
        "Currency": "GBP",
        "Order Reference": "90001",
        "SKU": "TEE-BLK-M",
    }
    assert (shipping["Nominal A/C Ref"], shipping["Net Amount"], shipping["Tax Amount"]) == ("4905", "3.50", "0.70")


def test_each_order_of_a_combined_invoice_has_its_shipping_row() -> None:
    """Two orders, two rows with the shipping nominal code."""
    document = an_issued(an_order(), an_order(ref="90002"))

    shipping = [row["Order Reference"] for row in rows(document) if row["Nominal A/C Ref"] == "4905"]

    assert shipping == ["90001", "90002"]


def test_orders_of_two_systems_with_one_ref_are_told_apart() -> None:
    """On every row."""
    references = [row["Order Reference"] for row in rows(an_issued(an_order(), an_order(source="shop")))]

    assert references == ["oms:90001", "oms:90001", "shop:90001", "shop:90001"]


def test_an_item_that_is_called_shipping_keeps_its_own_nominal_code() -> None:
    """Only our own shipping lines come without one."""
    assert rows(document_of(an_invoice_line(sku="SHIPPING", nominal_code="4001")))[0]["Nominal A/C Ref"] == "4001"


def test_a_credit_note_is_of_its_own_type_with_positive_amounts() -> None:
    """SC is a sales credit."""
    draft = credit_invoice(an_issued(), (), frozenset(), "Damaged")
    note, _ = issue(draft, a_series(type=DocumentType.CREDIT_NOTE))

    assert [(row["Type"], row["Net Amount"]) for row in rows(note)] == [("SC", "12.50"), ("SC", "3.50")]


def test_a_line_without_a_nominal_code_has_the_default_one() -> None:
    """Shipping has its own, and a line that brings a code keeps it."""
    lines = [an_invoice_line(nominal_code=""), an_invoice_line(nominal_code="4100"), an_invoice_line(sku="SHIPPING", nominal_code="")]

    assert [row["Nominal A/C Ref"] for row in rows(document_of(*lines), default="4999")] == ["4999", "4100", "4905"]


@pytest.mark.parametrize("code", ["", " ", "\t"])
def test_a_line_without_any_nominal_code_is_refused(code: str) -> None:
    """Sage would refuse the whole file, or book the row anywhere."""
    document = document_of(an_invoice_line(), an_invoice_line(sku="MUG", order_ref="90007", nominal_code=code))

    with pytest.raises(DomainError) as caught:
        rows(document)

    assert caught.value.code == "nominal_code_missing"
    assert all(word in caught.value.text for word in ("Line 2", "MUG", "90007"))
    assert all(word in caught.value.next_step for word in ("default_nominal_code", "billhook deliveries retry {delivery}"))


@pytest.mark.parametrize(
    ("category", "rate", "code"),
    [
        (Category.STANDARD, "0.2", "T1"),
        (Category.STANDARD, "0.05", "T5"),
        (Category.STANDARD, "0.21", ""),
        (Category.ZERO_RATED, "0", "T0"),
        (Category.EXEMPT, "0", "T2"),
        (Category.INTRA_COMMUNITY, "0", "T4"),
        (Category.EXPORT, "0", "T0"),
        (Category.REVERSE_CHARGE, "0", "T20"),
        (Category.OUTSIDE_SCOPE, "0", "T9"),
    ],
)
def test_the_tax_code_follows_category_and_rate(category: Category, rate: str, code: str) -> None:
    """The codes Sage 50 is delivered with; a rate it does not know has none."""
    assert rows(document_of(an_invoice_line("10.00", rate, category)))[0]["Tax Code"] == code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+44 113", "'+44 113"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\r\n\x00 =cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("\u00a0=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\ufeff=1", "'=1"),
        ("a=1", "a=1"),
        ('say "x", y', 'say "x", y'),
        ("two\nlines\tand more", "two lines and more"),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_no_text_begins_a_formula(text: str, shown: str) -> None:
    """Not behind a tab, a line break or a blank either; every row is one line."""
    document = document_of(an_invoice_line(description=text, sku=text, order_ref=text, nominal_code=text))

    [row] = rows(document, account=text, default="4999")

    assert cell(text) == shown
    assert {row[name] for name in ("Details", "SKU", "Order Reference", "Account Reference")} == {shown}
    assert row["Nominal A/C Ref"] == (shown or "4999")


def test_the_bytes_are_quoted_with_crlf_and_no_mark() -> None:
    """UTF-8 without a byte order mark; amounts are never taken for text."""
    document = document_of(an_invoice_line("-5.00", description="Ærø", unit_price=Decimal("-5.00")))

    content = write_invoice_csv(document, "A", "4905", "")

    assert content.startswith(b'"Type","Account Reference",')
    assert content.count(b"\r\n") == 2
    assert content.endswith(b"\r\n")
    assert "Ærø".encode() in content
    assert b'"-5.00"' in content


def test_a_remainder_goes_to_the_largest_line() -> None:
    """Three times 0.33 at 20 % is 0.07 each, 0.20 in all, so the first of the three has 0.06."""
    document = document_of(*[an_invoice_line("0.33")] * 3, an_invoice_line("0.01"))

    assert [row["Tax Amount"] for row in rows(document)] == ["0.06", "0.07", "0.07", "0.00"]


def test_many_small_lines_share_what_rounding_took_from_them() -> None:
    """1,000 times 0.02 at 20 % is 4.00, although each line alone rounds to nothing: no line gets more than a penny."""
    taxes = [Decimal(row["Tax Amount"]) for row in rows(document_of(*[an_invoice_line("0.02")] * 1000))]

    assert sum(taxes) == Decimal("4.00")
    assert max(taxes) == Decimal("0.01")


def test_a_document_without_lines_is_a_heading() -> None:
    """No row, no failure."""
    assert rows(document_of()) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.decimals(0, 1000, places=3), st.sampled_from(["0.2", "0.05", "0", "0.175"])), max_size=30),
    st.sampled_from(["GBP", "JPY", "KWD"]),
    st.integers(-7, 7),
)
def test_the_rows_add_up_to_the_document(priced: list[tuple[Decimal, str]], currency: str, credited_elsewhere: int) -> None:
    """Net and tax, for each rate, to the smallest unit; also on a last credit note, which takes what earlier ones left."""
    lines = [an_invoice_line(str(round_money(net, currency)), rate) for net, rate in priced]
    document = document_of(*lines, currency=currency)
    totals = document.draft.totals
    moved = credited_elsewhere * quantum_of(currency) if totals.subtotals else Decimal(0)
    subtotals = tuple(replace(row, tax=row.tax + (moved if index == 0 else 0)) for index, row in enumerate(totals.subtotals))
    totals = replace(totals, tax=totals.tax + moved, total=totals.total + moved, subtotals=subtotals)

    written = rows(replace(document, draft=replace(document.draft, totals=totals)))

    assert sum(Decimal(row["Net Amount"]) for row in written) == totals.net
    assert sum(Decimal(row["Tax Amount"]) for row in written) == totals.tax
    for subtotal in totals.subtotals:
        of_rate = [Decimal(row["Tax Amount"]) for row in written if Decimal(row["Tax Rate"]) == subtotal.rate * 100]
        assert sum(of_rate) == subtotal.tax
