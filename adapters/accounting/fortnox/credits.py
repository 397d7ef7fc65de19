"""Credit notes. Fortnox credits an invoice as a whole, once, and only when it is booked (facts: accounting-apis, B2.8).

Such a credit is asked for where ours is one. Any other is an invoice of its own with negative quantities: over a part, over an invoice
that is not booked yet, or over one that was credited before.
"""

from dataclasses import dataclass, replace

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.records import Record, is_true, reference_of
from adapters.accounting.fortnox.remote_documents import differences, find, is_ours, number_in, read
from adapters.accounting.fortnox.sale import INVOICES, Sale, identity_of
from adapters.accounting.fortnox.settings import FortnoxSettings
from application.accounting.remote_memory import RemoteMemory
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued


@dataclass(frozen=True, slots=True)
class Credits:
    """The invoices that credit notes correct."""

    api: FortnoxApi
    settings: FortnoxSettings
    memory: RemoteMemory

    def corrected(self, sale: Sale) -> Record | None:
        """The invoice as it is there; None where Fortnox has none of its number."""
        invoice = self.as_invoice(sale)
        type_, key = invoice.link
        link = self.memory.by_key(self.api.scope, type_, [key]).get(key)
        numbers = [link.remote_id] if link else [number_in(record) for record in find(self.api, invoice)]
        return read(self.api, INVOICES, numbers[0]) if numbers else None

    def require(self, sale: Sale) -> Record:
        """The same. Raises DomainError("invoice_missing") and ("invoice_cancelled")."""
        record = self.corrected(sale)
        if record is None:
            text = f"Fortnox has no invoice {sale.corrects}, which {sale.key} corrects."
            raise DomainError("invoice_missing", text, f"Deliver {sale.corrects} first, or cancel both deliveries")
        if is_true(record, "Cancelled"):
            text = f"The invoice {sale.corrects}, which {sale.key} corrects, is cancelled in Fortnox as {number_in(record)}."
            step = "Nothing is left to credit there: billhook deliveries delivered {delivery}"
            raise DomainError("invoice_cancelled", text, step)
        return record

    def is_whole(self, sale: Sale, invoice: Record) -> bool:
        """Whether Fortnox can credit the invoice itself, and comes to the same."""
        if not is_true(invoice, "Booked") or reference_of(invoice, "CreditInvoiceReference"):
            return False
        return not differences(invoice, self.as_invoice(sale), self.settings.rounding_tolerance)

    def credit_of(self, sale: Sale, invoice: Record) -> Record | None:
        """The credit that Fortnox made of the invoice, where it is this one's; what is not claimed yet has the invoice's references."""
        number = reference_of(invoice, "CreditInvoiceReference")
        record = read(self.api, INVOICES, number) if number else None
        if record is None or not (is_ours(record, sale) or is_ours(record, self.as_invoice(sale))):
            return None
        return None if differences(record, sale, self.settings.rounding_tolerance) else record

    def as_invoice(self, sale: Sale) -> Sale:
        """What a credit note turns round, as a sale: with the number and references of the invoice."""
        if not isinstance(sale.document, Issued):
            raise TypeError(f"{sale.key} corrects nothing")
        identity = identity_of(sale.document.admin_company, DocumentType.INVOICE.value, sale.corrects)
        return replace(sale, key=sale.corrects, identity=identity, sign=1)
