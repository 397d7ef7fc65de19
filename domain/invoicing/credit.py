"""Credit notes: a whole invoice, or the orders of it that are named."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.errors import Conflict, NotFound
from domain.invoicing.document import DocumentType, Draft, Issued
from domain.invoicing.totals import TaxSubtotal, Totals, total_lines
from domain.money import ZERO


def credit_invoice(
    invoice: Issued, order_refs: tuple[str, ...], already_credited: frozenset[str], reason: str, earlier: Sequence[Draft] = ()
) -> Draft:
    """The draft of a credit note over the orders named, or over all that stand. Amounts stay positive.

    Tax is computed anew on the credited lines, per category and rate, as on an invoice. The note that credits the last
    line of a category and rate takes what the ``earlier`` notes left of its tax, so that all notes together come to
    exactly what was invoiced.
    """
    on_invoice = tuple(order.ref for order in invoice.draft.orders)
    named = [_named(invoice, ref) for ref in order_refs]
    wanted = {ref for ref in (named or on_invoice) if ref not in already_credited}
    if not wanted:
        raise Conflict("already_credited", f"Invoice {invoice.display_number} is credited already.", "Nothing to do.")
    lines = tuple(line for line in invoice.draft.lines if line.order_ref in wanted)
    totals = total_lines(lines, invoice.draft.currency)
    return replace(
        invoice.draft,
        type=DocumentType.CREDIT_NOTE,
        orders=tuple(order for order in invoice.draft.orders if order.ref in wanted),
        lines=lines,
        totals=_with_remainders(totals, invoice.draft, already_credited | wanted, earlier),
        corrects=invoice.display_number,
        reason=reason,
    )


def _named(invoice: Issued, ref: str) -> str:
    """The name on the invoice that is meant. Raises NotFound, or Conflict where orders of two systems share the ref."""
    on_invoice = [order.ref for order in invoice.draft.orders]
    if ref in on_invoice:
        return ref
    sharing = [name for name in on_invoice if name.endswith(f":{ref}")]
    if sharing:
        text = f"Several systems have an order {ref!r} on invoice {invoice.display_number}."
        raise Conflict("ambiguous_order", text, f"Name one of: {', '.join(sharing)}")
    raise NotFound("order on this invoice", ref, f"billhook invoices show {invoice.display_number}")


def _with_remainders(totals: Totals, invoice: Draft, credited: Collection[str], earlier: Sequence[Draft]) -> Totals:
    standing = {line.tax for line in invoice.lines if line.order_ref not in credited}
    open_keys = {(tax.category, tax.rate, tax.reason) for tax in standing}
    subtotals = tuple(
        row if _key(row) in open_keys else replace(row, tax=_tax_of(row, [invoice]) - _tax_of(row, earlier)) for row in totals.subtotals
    )
    tax = sum((row.tax for row in subtotals), ZERO)
    return Totals(totals.net, tax, totals.net + tax, subtotals)


def _key(row: TaxSubtotal) -> tuple[str, Decimal, str]:
    return (row.category, row.rate, row.reason)


def _tax_of(wanted: TaxSubtotal, drafts: Iterable[Draft]) -> Decimal:
    return sum((row.tax for draft in drafts for row in draft.totals.subtotals if _key(row) == _key(wanted)), ZERO)
