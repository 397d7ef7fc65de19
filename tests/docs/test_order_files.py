"""The files that the pages show are valid, and the columns are those of the code."""

import re
from decimal import Decimal

import pytest
from lxml import etree

from adapters.order_files.invoice_csv import COLUMNS, OTHER_TAX_CODES, STANDARD_TAX_CODES
from adapters.order_files.invoice_xml import write_invoice_xml
from adapters.order_files.order_xml import write_order_xml
from adapters.order_files.xml_document import validate
from tests.docs.pages import ROOT, blocks
from tests.factories import an_issued, an_order, an_order_document

EXAMPLES = ["\n".join(block.lines).encode() for block in blocks(ROOT / "docs/reference/order-xml.md") if block.language == "xml"]
SAGE = (ROOT / "docs/reference/sage-csv.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[1].decode())
def test_a_file_that_the_page_shows_is_valid(example: bytes) -> None:
    """Against the schema that the page links."""
    validate(example)


def test_the_page_shows_what_is_written() -> None:
    """The prices of the default order, and its invoice without shipping, to the letter."""
    order, invoice = (etree.fromstring(example) for example in EXAMPLES)
    written_order = etree.fromstring(write_order_xml(an_order_document()))
    written_invoice = etree.fromstring(write_invoice_xml(an_issued(an_order(shipping_price=Decimal(0)))))

    assert texts(order.find("order/pricing")) == texts(written_order.find("order/pricing"))
    assert texts(invoice) == texts(written_invoice)


def texts(element: etree._Element) -> list[tuple[str, str]]:
    """Each element below with its text."""
    return [(child.tag, (child.text or "").strip()) for child in element.iter()]


def test_the_columns_on_the_page_are_those_of_the_code() -> None:
    """In their order."""
    assert re.findall(r"^\| `([A-Z][^`]+)` \|", SAGE, flags=re.MULTILINE) == list(COLUMNS)


def test_the_tax_codes_on_the_page_are_those_of_the_code() -> None:
    """None more, none less."""
    table = SAGE.partition("| tax | code |")[2].partition("\n\n")[0]

    assert set(re.findall(r"`(T\d+)`", table)) == {*STANDARD_TAX_CODES.values(), *OTHER_TAX_CODES.values()}
