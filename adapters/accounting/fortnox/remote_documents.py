"""Documents as they are in Fortnox: found by our references, and compared with ours."""

from collections.abc import Sequence
from decimal import Decimal

from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.records import Record, decimal_of, is_true, text_of
from adapters.accounting.fortnox.sale import Resource, Sale
from domain.money import ZERO

_KRONA = Decimal(1)


def find(api: FortnoxApi, sale: Sale) -> list[Record]:
    """All that carry our references and are not cancelled, as lists show them.

    The filter finds parts of texts. A credit invoice has the references of the invoice it was made from, and another sign.
    """
    asked = {"externalinvoicereference1": sale.key}
    found = api.listed(sale.resource.name, sale.resource.plural, asked)
    return [record for record in found if is_ours(record, sale) and not is_true(record, "Cancelled") and has_sign(record, sale.sign)]


def is_ours(record: Record, sale: Sale) -> bool:
    """Whether a record carries both references of a document."""
    ours = (sale.key, sale.identity)
    return (text_of(record, "ExternalInvoiceReference1"), text_of(record, "ExternalInvoiceReference2")) == ours


def has_sign(record: Record, sign: int) -> bool:
    """Whether a record is what its total says: a credit note is below zero."""
    return (decimal_of(record, "Total") or ZERO) * sign >= 0


def read(api: FortnoxApi, resource: Resource, number: str, *, can_wait: bool = False) -> Record | None:
    """A document by Fortnox's number, which shows at once what was written."""
    return api.one(path_of(resource.name, number), resource.wrapper, can_wait=can_wait)


def number_in(record: Record) -> str:
    """Fortnox's own number of a document."""
    return text_of(record, "DocumentNumber")


def differences(record: Record, sale: Sale, tolerance: Decimal) -> list[str]:
    """What is not as it must be, each with both values; nothing where it is ours.

    Net and VAT may differ by the tolerance, as a rounding row makes them; the total never. One in whole kronor is understood: what was
    rounded off stands in RoundOff, and is less than a krona.
    """
    said = []
    if is_true(record, "Cancelled"):
        said.append("it is cancelled there")
    if text_of(record, "Currency") not in {"", sale.currency}:
        said.append(f"currency {text_of(record, 'Currency')} there, {sale.currency} here")
    ours = sale.totals
    for name, amount in (("Net", ours.net), ("TotalVAT", ours.tax)):
        there = decimal_of(record, name)
        if there is None or abs(there - amount * sale.sign) > tolerance:
            said.append(f"{name} {there} there, {amount * sale.sign} here")
    total = decimal_of(record, "Total")
    if total is None or not _is_about(total, ours.total * sale.sign, decimal_of(record, "RoundOff") or ZERO):
        said.append(f"Total {total} there, {ours.total * sale.sign} here")
    return said


def described(record: Record) -> str:
    """Its figures for people."""
    rounded = decimal_of(record, "RoundOff")
    rounding = f", rounded off {rounded}" if rounded else ""
    return f"net {text_of(record, 'Net')}, VAT {text_of(record, 'TotalVAT')}, total {text_of(record, 'Total')}{rounding}"


def numbers(records: Sequence[Record]) -> str:
    """Fortnox's numbers of several, for people."""
    return ", ".join(map(number_in, records))


def _is_about(there: Decimal, ours: Decimal, rounded: Decimal) -> bool:
    # Which sign RoundOff has is not documented.
    return abs(rounded) < _KRONA and abs(there - ours) == abs(rounded)
