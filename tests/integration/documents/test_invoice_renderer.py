"""The PDFs, read again with another library."""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from adapters.documents.invoice_renderer import RETIRE_ABOVE_MIB, TypstInvoiceRenderer
from domain.errors import DomainError
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import Issued
from domain.invoicing.totals import total_lines
from domain.parties import Address, Party
from domain.pricing.line_tax import REASONS, Category, LineTax
from tests.factories import an_invoice_line, an_issued, an_order, an_order_line, issue

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#c2410c"/></svg>'


@pytest.fixture(scope="module")
def renderer() -> Iterator[TypstInvoiceRenderer]:
    made = TypstInvoiceRenderer(2)
    yield made
    made.close()


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, in one line each."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def with_draft(**changes: Any) -> Issued:
    document = an_issued()
    return replace(document, draft=replace(document.draft, **changes))


def with_lines(*lines: Any, **changes: Any) -> Issued:
    return with_draft(lines=lines, totals=total_lines(lines, changes.get("currency", "GBP")), **changes)


def orders(count: int, lines: int = 3) -> Issued:
    """One invoice over many orders."""
    return an_issued(
        *(
            an_order(
                ref=str(90001 + number),
                external_ref=f"WEB-{1001 + number}",
                lines=tuple(an_order_line(ref=f"{number}-{line}") for line in range(lines)),
            )
            for number in range(count)
        )
    )


def png(width: int, height: int, declared: int | None = None) -> bytes:
    """A half transparent PNG; ``declared`` lies about its width."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((200, 60, 10, 128)) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", declared or width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_an_invoice_holds_what_the_law_wants_on_it(renderer: TypstInvoiceRenderer) -> None:
    """Directive 2006/112/EC, Art. 226, and what is needed to pay it."""
    [page] = pages_of(renderer.render(an_issued(), None))

    for fact in (
        *("Invoice", "INV-000001", "21 November 2026", "Due date", "21 December 2026", "30 days", "GBP"),
        *("ACME Print Ltd", "4 Mill Lane", "Leeds LS9 8AB", "United Kingdom", "GB980780684", "01234567", "accounts@acme.example"),
        *("Gift Shop Ltd", "10 Long Acre", "London WC2E 9LP", "GB220430231"),
        *("90001 / WEB-1001", "T-shirt, black, M", "TEE-BLK-M", "2 6.25 20% 12.50", "Shipping: Next Day 1 3.50 20% 3.50"),
        *("20% 16.00 3.20", "Net total 16.00", "VAT 3.20", "Total due GBP 19.20"),
        *("Lloyds", "GB33 BUKB 2020 1555 5555 55", "BUKBGB22", "Reference INV-000001", "Page 1 of 1"),
    ):
        assert fact in page


def test_orders_of_two_systems_with_one_ref_are_told_apart(renderer: TypstInvoiceRenderer) -> None:
    """Above the lines of each."""
    [page] = pages_of(renderer.render(an_issued(an_order(), an_order(source="shop")), None))

    assert "oms:90001 / WEB-1001" in page
    assert "shop:90001 / WEB-1001" in page


def test_a_credit_note_names_its_invoice_and_why(renderer: TypstInvoiceRenderer) -> None:
    note, _ = issue(credit_invoice(an_issued(), (), frozenset(), "Damaged in transit"))

    [page] = pages_of(renderer.render(replace(note, display_number="CN-000001"), None))

    for fact in ("Credit note", "CN-000001", "Corrects invoice INV-000001", "Damaged in transit", "Total credited GBP 19.20"):
        assert fact in page
    for wrong in ("Due date", "IBAN", "Total due"):
        assert wrong not in page


def test_a_long_invoice_numbers_its_pages_and_repeats_its_head(renderer: TypstInvoiceRenderer) -> None:
    document = orders(30)

    pages = pages_of(renderer.render(document, None))

    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Invoice INV-000001 · Page {number} of {len(pages)}" in page
        assert "UNIT PRICE" in page or "Total due" in page
    assert all("Invoice INV-000001, continued" in page for page in pages[1:])
    assert "30, see below" in pages[0]
    text = " ".join(pages)
    for order in document.draft.orders:
        assert f"Order {order.ref} / {order.external_ref}" in text
    assert f"Total due GBP {document.draft.totals.total:,.2f}" in pages[-1]


def test_the_same_document_always_gives_the_same_bytes() -> None:
    """Also from another process, after other documents, and with a logo."""
    first, second = TypstInvoiceRenderer(1), TypstInvoiceRenderer(1)
    try:
        second.render(orders(3), None)

        assert first.render(an_issued(), SVG) == second.render(an_issued(), SVG)
        assert first.render(an_issued(), None) == second.render(an_issued(), None)
    finally:
        first.close()
        second.close()


def test_the_pdf_is_for_the_archive(renderer: TypstInvoiceRenderer) -> None:
    """PDF/A-3b, titled, and dated by the day of issue."""
    reader = PdfReader(io.BytesIO(renderer.render(an_issued(), png(30, 10))))

    assert reader.xmp_metadata is not None
    packet = reader.xmp_metadata.stream.get_data()
    assert b"<pdfaid:part>3</pdfaid:part>" in packet
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in packet
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice INV-000001"
    assert str(reader.metadata.creation_date).startswith("2026-11-21 00:00:00")


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("北京照片礼品有限公司", "CN"),
        ("株式会社フォトギフト", "JP"),
        ("Ζωή Παπαδοπούλου", "GR"),
        ("Łódź Żółć Київ", "PL"),
        ("שלום מתנות", "IL"),
        ("काठमाडौं उपहार", "IN"),
        ("บริษัท ของขวัญ", "TH"),
        ("شركة الهدايا", "SA"),
        ("Minus \u2212 € ½ → ★ ❤️ 👩‍👩‍👧", "GB"),
    ],
)
def test_the_scripts_of_the_world_can_be_shown(renderer: TypstInvoiceRenderer, name: str, country: str) -> None:
    """In bold as well: the name of the buyer is."""
    document = with_draft(buyer=Party(name, Address(line1=name, city=name, country=country)))

    pdf = renderer.render(document, None)

    fonts = {str(font) for page in PdfReader(io.BytesIO(pdf)).pages for font in page["/Resources"]["/Font"]}  # type: ignore[index]
    assert fonts


def test_text_of_common_scripts_can_be_copied_out_again(renderer: TypstInvoiceRenderer) -> None:
    name = "Ζωή 北京照片 Łódź Київ"

    [page] = pages_of(renderer.render(with_draft(buyer=Party(name)), None))

    assert name in page


@pytest.mark.parametrize(("character", "word"), [("\U00013000", "EGYPTIAN HIEROGLYPH A001"), ("\ue000", "U+E000")])
def test_a_character_without_a_shape_is_refused_by_name(renderer: TypstInvoiceRenderer, character: str, word: str) -> None:
    """Better no invoice than one with a hole in a name."""
    with pytest.raises(DomainError, match="none of the fonts") as refusal:
        renderer.render(with_draft(buyer=Party(f"Shop {character}")), None)

    assert refusal.value.code == "not_renderable"
    assert word in refusal.value.text
    assert refusal.value.next_step


def test_a_value_is_never_run(renderer: TypstInvoiceRenderer) -> None:
    text = '#read("/etc/passwd") \\ *bold* $x$ #sys.inputs <b> {{ 1 }}'

    [page] = pages_of(renderer.render(with_lines(an_invoice_line(description=text)), None))

    assert text in page


def test_controls_and_marks_of_direction_are_taken_out(renderer: TypstInvoiceRenderer) -> None:
    [page] = pages_of(renderer.render(with_lines(an_invoice_line(description="A\x00B\x07C\u202eD\u2028E\x9fF\ufeffG")), None))

    assert "ABCD EFG" in page


def test_words_too_long_for_their_column_are_broken_and_copied_whole(renderer: TypstInvoiceRenderer) -> None:
    sku = "SKU" + "0123456789" * 12

    [page] = pages_of(renderer.render(with_lines(an_invoice_line(sku=sku)), None))

    assert sku in page.replace(" ", "")
    assert sku not in page


def test_a_description_longer_than_a_page_is_printed_to_its_end(renderer: TypstInvoiceRenderer) -> None:
    pages = pages_of(renderer.render(with_lines(an_invoice_line(description="word " * 3000 + "END")), None))

    assert len(pages) > 1
    assert "END" in " ".join(pages)


def test_a_currency_without_decimals_has_none(renderer: TypstInvoiceRenderer) -> None:
    lines = [an_invoice_line("1234567", unit_price=Decimal(1234567))]

    [page] = pages_of(renderer.render(with_lines(*lines, currency="JPY"), None))

    assert "1 1,234,567 20% 1,234,567" in page
    assert "Total due JPY 1,481,480" in page


@pytest.mark.parametrize(
    ("category", "shown"),
    [
        (Category.REVERSE_CHARGE, "0% reverse charge"),
        (Category.INTRA_COMMUNITY, "0% intra-Community supply"),
        (Category.EXPORT, "0% export"),
        (Category.OUTSIDE_SCOPE, "\u2013 not subject to tax"),
    ],
)
def test_a_document_without_tax_says_why(renderer: TypstInvoiceRenderer, category: Category, shown: str) -> None:
    line = an_invoice_line(tax=LineTax(category, Decimal(0), REASONS[category]))

    [page] = pages_of(renderer.render(with_lines(line), None))

    assert shown in page
    assert f"{REASONS[category]}." in page


@pytest.mark.parametrize("logo", [SVG, png(300, 20), png(20, 300)], ids=["svg", "wide png", "high png"])
def test_a_logo_of_any_shape_keeps_the_invoice_on_one_page(renderer: TypstInvoiceRenderer, logo: bytes) -> None:
    pages = pages_of(renderer.render(an_issued(), logo))

    assert len(pages) == 1


@pytest.mark.parametrize(
    "logo",
    [
        pytest.param(b"\x89PNG\r\n\x1a\nbroken", id="broken png"),
        pytest.param(b"\xff\xd8\xff broken", id="broken jpeg"),
        pytest.param(b"<svg", id="broken svg"),
        pytest.param(b"GIF89a", id="gif"),
        pytest.param(b"x" * 3_000_000, id="too many bytes"),
        pytest.param(png(10, 10, declared=2_000_000_000), id="too many pixels"),
    ],
)
def test_a_logo_that_cannot_be_used_is_refused(renderer: TypstInvoiceRenderer, logo: bytes) -> None:
    with pytest.raises(DomainError, match="The logo cannot be used") as refusal:
        renderer.render(an_issued(), logo)

    assert refusal.value.code == "not_renderable"
    assert "PNG, JPEG or SVG" in refusal.value.next_step


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../etc/hostname", "file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_an_svg_logo_cannot_fetch_anything(renderer: TypstInvoiceRenderer, target: str) -> None:
    """Neither from the disk nor from the network."""
    logo = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{target}" width="9" height="9"/></svg>'

    with pytest.raises(DomainError, match="failed to load linked image"):
        renderer.render(an_issued(), logo.encode())


def test_many_threads_may_render_at_once(renderer: TypstInvoiceRenderer) -> None:
    documents = [replace(an_issued(), display_number=f"INV-{number:06d}") for number in range(40)]

    with ThreadPoolExecutor(8) as threads:
        pdfs = list(threads.map(lambda document: renderer.render(document, None), documents))

    for document, pdf in zip(documents, pdfs, strict=True):
        assert f"Invoice {document.display_number}" in pages_of(pdf)[0]


def test_a_child_that_was_killed_is_replaced_unseen(renderer: TypstInvoiceRenderer) -> None:
    alone = TypstInvoiceRenderer(1)
    try:
        before = alone.render(an_issued(), None)
        process = alone._pool._children[0]._process
        assert process is not None
        process.kill()

        assert alone.render(an_issued(), None) == before
    finally:
        alone.close()


def test_long_documents_do_not_grow_the_children_without_end() -> None:
    """A child that has grown is replaced; nothing of it stays in the worker."""
    alone = TypstInvoiceRenderer(1)
    long = orders(250)
    children = set()
    try:
        for number in range(6):
            alone.render(replace(long, display_number=f"INV-{number:06d}"), None)
            process = alone._pool._children[0]._process
            if process is not None:
                children.add(process.pid)
                assert resident_mib(process.pid) <= RETIRE_ABOVE_MIB
    finally:
        alone.close()

    assert len(children) != 1


def resident_mib(pid: int) -> float:
    """The memory a process holds now."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - no file, but a question to the kernel
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1024 * 1024)
