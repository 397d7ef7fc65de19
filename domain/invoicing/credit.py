"""Credit notes: a whole invoice, or the orders of it that are named."""

from dataclasses import replace

from domain.errors import Conflict, NotFound
from domain.invoicing.document import DocumentType, Draft, Issued
from domain.invoicing.totals import total_lines


def credit_invoice(invoice: Issued, order_refs: tuple[str, ...], already_credited: frozenset[str], reason: str) -> Draft:
    """The draft of a credit note over the orders named, or over all that stand. Amounts stay positive.

    Tax is computed anew on the credited lines, per category and rate, as on an invoice.
    """
    on_invoice = tuple(order.ref for order in invoice.draft.orders)
    unknown = [ref for ref in order_refs if ref not in on_invoice]
    if unknown:
        raise NotFound("order on this invoice", unknown[0], f"billhook invoices show {invoice.display_number}")
    wanted = [ref for ref in (order_refs or on_invoice) if ref not in already_credited]
    if not wanted:
        raise Conflict("already_credited", f"Invoice {invoice.display_number} is credited already.", "Nothing to do.")
    lines = tuple(line for line in invoice.draft.lines if line.order_ref in wanted)
    return replace(
        invoice.draft,
        type=DocumentType.CREDIT_NOTE,
        orders=tuple(order for order in invoice.draft.orders if order.ref in wanted),
        lines=lines,
        totals=total_lines(lines, invoice.draft.currency),
        corrects=invoice.display_number,
        reason=reason,
    )
