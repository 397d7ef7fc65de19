"""A PDF of one page by our renderer; beside WeasyPrint with a page of the same texts in the same font."""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import manimgx_fonts

from adapters.documents.invoice_renderer import TypstInvoiceRenderer
from adapters.documents.printed import printed
from domain.invoicing.document import Issued
from tests import factories
from tests.benchmarks.apart import apart
from tests.benchmarks.figures import Figure, compare

GOAL = 8.0
_LINES = 3
# Where our layout may break a word that is too long (adapters/documents/printable.py).
_BREAK = "\x1f"


def measure(pages: int, repeats: int) -> Figure:
    """Pages a second, one after the other, each with other texts. WeasyPrint draws a quarter as many: its rate is as steady."""
    return compare(
        what="a PDF of one page",
        unit="pages/s",
        floor_is="WeasyPrint, HTML of the same texts, the font loaded once and its configuration shared",
        goal=GOAL,
        repeats=repeats,
        ours=lambda: apart(_set_by_typst, pages),
        theirs=lambda: apart(_set_by_weasyprint, max(5, pages // 4)),
        facts={"pages": pages, "lines": _LINES + 1},
    )


def an_invoice(number: int) -> Issued:
    """An invoice of three lines and shipping, unlike any other: typst remembers layouts, and must not be asked for the same twice."""
    lines = tuple(
        factories.an_order_line(
            ref=f"{number}-{place}",
            sku=f"SKU-{number % 997}-{place}",
            description=f"T-shirt, black, size {place}, print {number}",
            unit_cost_price=Decimal(f"{5 + number % 40}.{place}5"),
        )
        for place in range(_LINES)
    )
    order = factories.an_order(ref=str(number), external_ref=f"WEB-{number}", lines=lines)
    return factories.an_issued(order, number=number, display_number=f"INV-{number:06d}")


def _set_by_typst(pages: int) -> float:
    renderer = TypstInvoiceRenderer(children=1)
    try:
        return _rate(lambda document: renderer.render(document, None), pages)
    finally:
        renderer.close()


def _set_by_weasyprint(pages: int) -> float:
    from weasyprint import CSS, HTML  # noqa: PLC0415 - a rival: not there outside `make bench`
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above

    fonts = FontConfiguration()
    style = CSS(string=_STYLE.replace("FONT", _font().as_uri()), font_config=fonts)

    def draw(document: Issued) -> bytes:
        pdf: bytes = HTML(string=_page(printed(document, None)).replace(_BREAK, "<wbr>")).write_pdf(stylesheets=[style], font_config=fonts)
        return pdf

    return _rate(draw, pages)


def _rate(render: Callable[[Issued], bytes], pages: int) -> float:
    documents = [an_invoice(number) for number in range(1, pages + 3)]
    warm_up, measured = documents[:2], documents[2:]
    for document in warm_up:
        _require_one_page(render(document))
    began = time.perf_counter()
    for document in measured:
        render(document)
    return len(measured) / (time.perf_counter() - began)


def _require_one_page(pdf: bytes) -> None:
    from io import BytesIO  # noqa: PLC0415

    from pypdf import PdfReader  # noqa: PLC0415

    if (pages := len(PdfReader(BytesIO(pdf)).pages)) != 1:
        raise RuntimeError(f"the invoice has {pages} pages")


def _font() -> Path:
    [path] = Path(str(manimgx_fonts.__file__)).parent.rglob("NotoSans[[]*wght[]].ttf")
    return path


def _page(texts: dict[str, Any]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in texts["columns"])
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(texts["plain_number"])}</title></head><body>
<div class="top"><div class="brand">{escape(texts["seller"]["name"])}</div>
<div class="title"><h1>{texts["title"]}</h1><p>{escape(texts["number"])}</p></div></div>
<div class="parties">{_party("From", texts["seller"])}{_party(texts["buyer_label"], texts["buyer"])}
<table class="facts">{_rows(texts["facts"])}</table></div>
<table class="lines"><thead><tr>{head}</tr></thead><tbody>{"".join(_line(line) for line in texts["groups"][0]["lines"])}</tbody></table>
<div class="sums"><table>{_rows(texts["taxes"])}</table><table class="totals">{_rows([*texts["totals"], texts["total"]])}</table></div>
<div class="payment"><h2>Payment</h2><table>{_rows(texts["payment"])}</table></div></body></html>"""


def _party(heading: str, party: dict[str, Any]) -> str:
    lines = [*party["lines"], *(f"{name} {value}" for name, value in party["facts"])]
    return f"<div><h2>{heading}</h2><b>{escape(party['name'])}</b><br>{'<br>'.join(map(escape, lines))}</div>"


def _line(line: dict[str, Any]) -> str:
    cells = "".join(f"<td>{escape(line[name])}</td>" for name in ("quantity", "unit_price", "rate", "net"))
    return f"<tr><td>{escape(line['description'])}<br><small>{escape(line['sku'])}</small></td>{cells}</tr>"


def _rows(rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows)


_STYLE = """
@font-face { font-family: Body; src: url(FONT); font-weight: 100 900 }
@page { size: A4; margin: 20mm 18mm 24mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 7.5pt Body } }
body { font: 9pt Body; color: #1b2430 }
.top, .parties, .sums { display: flex; justify-content: space-between; margin-bottom: 5mm }
.brand, h1 { font-size: 18pt; font-weight: bold; color: #1f4e79; margin: 0 }
h2 { font-size: 7.5pt; color: #5b6675; text-transform: uppercase; margin: 0 }
table { border-collapse: collapse } td, th { padding: 1.5mm 2mm; text-align: right } td:first-child, th:first-child { text-align: left }
.lines { width: 100%; margin-bottom: 5mm } .lines th { border-bottom: 1pt solid #1f4e79 } .lines td { border-bottom: 0.5pt solid #c9d1da }
.totals tr:last-child { background: #eef2f6; font-weight: bold; font-size: 11pt }
.payment { border: 0.5pt solid #c9d1da; border-radius: 1.5mm; padding: 3.5mm }
small { color: #5b6675 }
"""
