from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.order_files.invoice_xml import write_invoice_xml
from adapters.order_files.xml_document import legal
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Issued, OrderReference
from domain.invoicing.totals import total_lines
from domain.parties import Address, Party
from tests.factories import a_draft, a_series, an_invoice_line, an_issued, an_order, issue

texts = st.text(st.characters(), max_size=30)
addresses = st.builds(Address, *[texts] * 6)


def read(document: Issued) -> Any:
    return etree.fromstring(write_invoice_xml(document))


def texts_of(element: Any) -> dict[str, str]:
    return {child.tag: child.text or "" for child in element if not len(child)}


def test_an_invoice_has_its_header_parties_orders_lines_taxes_and_totals() -> None:
    """In this order, with every element."""
    invoice = read(an_issued())

    assert [child.tag for child in invoice] == ["header", "seller", "buyer", "orders", "lines", "taxes", "totals"]
    assert texts_of(invoice.find("header")) == {
        "type": "invoice",
        "number": "INV-000001",
        "series_number": "1",
        "issued_on": "2026-11-21",
        "due_on": "2026-12-21",
        "payment_terms_days": "30",
        "currency_code": "GBP",
        "company_ref": "501",
        "corrects": "",
        "reason": "",
    }
    assert invoice.findtext("seller/bank/iban") == "GB33BUKB20201555555555"
    assert invoice.findtext("buyer/address/city") == "London"
    assert texts_of(invoice.find("orders/order")) == {"ref": "90001", "external_ref": "WEB-1001", "dispatched_on": "2026-11-02"}
    assert [line.findtext("net") for line in invoice.iter("line")] == ["12.50", "3.50"]
    assert texts_of(invoice.find("totals")) == {"net": "16.00", "tax": "3.20", "total": "19.20"}


def test_orders_of_two_systems_with_one_ref_are_told_apart() -> None:
    """In the list of orders and on every line."""
    invoice = read(an_issued(an_order(), an_order(source="shop"), an_order(ref="90002")))

    names = ["oms:90001", "shop:90001", "90002"]
    assert [order.findtext("ref") for order in invoice.iterfind("orders/order")] == names
    assert [line.findtext("order_ref") for line in invoice.iterfind("lines/line")] == [name for name in names for _ in range(2)]


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    """Its amounts are positive."""
    draft = credit_invoice(an_issued(), (), frozenset(), "Damaged")
    note, _ = issue(draft, a_series(type=DocumentType.CREDIT_NOTE))

    header = texts_of(read(note).find("header"))

    assert (header["type"], header["corrects"], header["reason"]) == ("credit_note", "INV-000001", "Damaged")
    assert read(note).findtext("totals/total") == "19.20"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    """Yen have none, dinars have three."""
    lines = (an_invoice_line("1200"),)
    for currency, net in (("JPY", "1200"), ("KWD", "1200.000")):
        draft = a_draft(currency=currency, lines=lines, totals=total_lines(lines, currency))

        assert read(issue(draft)[0]).findtext("totals/net") == net


def test_an_invoice_of_ten_thousand_lines_is_written() -> None:
    """The schema sets no limit."""
    lines = (an_invoice_line(),) * 10_000

    invoice = read(issue(a_draft(lines=lines, totals=total_lines(lines, "GBP")))[0])

    assert len(invoice.find("lines")) == 10_000
    assert invoice.findtext("totals/net") == "125000.00"


@settings(max_examples=60, deadline=None)
@given(
    st.builds(Party, texts, addresses, texts, texts, texts),
    st.lists(st.builds(OrderReference, texts, texts, st.none() | st.dates()), max_size=3),
    st.lists(st.tuples(texts, st.decimals("0.0001", 10**12, allow_nan=False, places=4)), max_size=4),
    texts,
)
def test_every_document_gives_a_valid_file_with_its_values(
    buyer: Party, orders: list[OrderReference], described: list[tuple[str, Decimal]], reason: str
) -> None:
    """Whatever the texts hold; validity is checked on the way out."""
    lines = tuple(an_invoice_line(description=text, sku=text, unit_price=price) for text, price in described)
    draft = a_draft(buyer=buyer, orders=tuple(orders), lines=lines, reason=reason, totals=total_lines(lines, "GBP"))

    invoice = read(replace(an_issued(), draft=draft))

    assert (invoice.findtext("buyer/name"), invoice.findtext("header/reason")) == (legal(buyer.name), legal(reason))
    assert [order.findtext("ref") for order in invoice.find("orders")] == [legal(order.ref) for order in orders]
    assert [line.findtext("description") for line in invoice.find("lines")] == [legal(text) for text, _ in described]
    assert [Decimal(line.findtext("unit_price")) for line in invoice.find("lines")] == [price for _, price in described]
