"""An invoice or credit note as rows for Sage 50: the columns of its "audit trail transactions" import, then ours.

The columns are explained in ``docs/reference/sage-csv.md``.
"""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal

from adapters.order_files.csv_text import cell
from adapters.order_files.figures import amount, rate
from adapters.order_files.tax_shares import share_tax
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

COLUMNS = (
    "Type",
    "Account Reference",
    "Nominal A/C Ref",
    "Department Code",
    "Date",
    "Reference",
    "Details",
    "Net Amount",
    "Tax Code",
    "Tax Amount",
    "Tax Rate",
    "Currency",
    "Order Reference",
    "SKU",
)
TRANSACTION_TYPES = {DocumentType.INVOICE: "SI", DocumentType.CREDIT_NOTE: "SC"}
# The codes Sage 50 is delivered with in the United Kingdom; standard rates have one code each.
STANDARD_TAX_CODES: Mapping[Decimal, str] = {Decimal("0.2"): "T1", Decimal("0.05"): "T5"}
OTHER_TAX_CODES: Mapping[Category, str] = {
    Category.ZERO_RATED: "T0",
    Category.EXEMPT: "T2",
    Category.INTRA_COMMUNITY: "T4",
    Category.OUTSIDE_SCOPE: "T9",
    Category.EXPORT: "T0",
    Category.REVERSE_CHARGE: "T20",
}


def write_invoice_csv(document: Issued, account_number: str, shipping_nominal_code: str, default_nominal_code: str) -> bytes:
    """A heading and a row for each line, shipping included: UTF-8 without a byte order mark, CRLF, every cell in quotes.

    The net and tax columns add up to the document's net and tax exactly (see ``share_tax``).
    Raises DomainError ``nominal_code_missing`` for a line that brings no nominal code, where there is no default one.
    """
    draft = document.draft
    taxes = share_tax(draft.lines, draft.totals, draft.currency)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, (line, tax) in enumerate(zip(draft.lines, taxes, strict=True), 1):
        nominal_code = cell(shipping_nominal_code if _is_shipping(line) else line.nominal_code) or cell(default_nominal_code)
        if not nominal_code:
            raise _without_code(number, line)
        writer.writerow(_row(document, cell(account_number), nominal_code, line, tax))
    return text.getvalue().encode()


def _is_shipping(line: InvoiceLine) -> bool:
    # An item of the shop that happens to have this SKU brings a nominal code of its own; our shipping lines never do.
    return line.sku == SHIPPING_SKU and not line.nominal_code


def _without_code(number: int, line: InvoiceLine) -> DomainError:
    return DomainError(
        "nominal_code_missing",
        f"Line {number} (order {line.order_ref}, SKU {line.sku}) has no nominal code, and there is no default one.",
        "Set default_nominal_code and apply, or give the orders' items a nominal_code from now on. "
        "Then: billhook deliveries retry {delivery}",
    )


def _row(document: Issued, account: str, nominal_code: str, line: InvoiceLine, tax: Decimal) -> list[str]:
    draft = document.draft
    return [
        TRANSACTION_TYPES[draft.type],
        account,
        nominal_code,
        "",
        document.issued_on.strftime("%d/%m/%Y"),
        cell(document.display_number),
        cell(line.description),
        amount(line.net, draft.currency),
        _tax_code(line.tax),
        amount(tax, draft.currency),
        rate(line.tax.rate * 100),
        draft.currency,
        cell(line.order_ref),
        cell(line.sku),
    ]


def _tax_code(tax: LineTax) -> str:
    return STANDARD_TAX_CODES.get(tax.rate, "") if tax.category is Category.STANDARD else OTHER_TAX_CODES[tax.category]
