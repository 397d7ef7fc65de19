"""A credit note set off against the invoice it corrects: the second call of its delivery (facts: accounting-apis, B1.14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.xero.api import XeroApi, elements_of
from adapters.accounting.xero.chart import decimal_of, text_of
from adapters.accounting.xero.complaints import is_refused, messages_in, problem_in
from adapters.accounting.xero.remote_documents import INVOICE, Record, find, is_gone
from adapters.accounting.xero.sending import Effect, HandingOver, Sending
from application.ports.destination import Consignment, issued_in
from domain.delivery.outcome import Delivered, Outcome
from domain.errors import DomainError
from domain.invoicing.document import Issued
from domain.money import ZERO

_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class SetOff(Delivered):
    """It took its amount off the invoice: this has happened, and is not to happen again."""


@dataclass(slots=True)
class Corrected:
    """The invoices that the credit notes of one visit correct, and what is still open on each."""

    api: XeroApi
    _records: dict[str, Record] = field(default_factory=dict)
    _open: dict[str, Decimal] = field(default_factory=dict)

    def load(self, documents: Sequence[Issued]) -> None:
        """Look them up, all at once."""
        numbers = list(dict.fromkeys(document.draft.corrects for document in documents))
        self._records = find(self.api, INVOICE, numbers)
        self._open = {number: decimal_of(record, "AmountDue") or ZERO for number, record in self._records.items()}

    def require(self, document: Issued) -> Record:
        """The invoice there. Raises DomainError("invoice_missing") and ("invoice_voided"): then nothing is to be credited."""
        number = document.draft.corrects
        record = self._records.get(number)
        if record is None:
            step = (
                f"Deliver {number} first (billhook deliveries list), or, where it is not to be in Xero, leave this one out: "
                "billhook deliveries cancel {delivery}. Once it is there"
            )
            raise DomainError("invoice_missing", f"Xero has no invoice {number}, which this credit note corrects.", step)
        if is_gone(record):
            text = f"Invoice {number} is {text_of(record, 'Status')} in Xero: a credit note would take it back a second time."
            step = "Leave it out: billhook deliveries cancel {delivery}. Or enter the invoice anew in Xero"
            raise DomainError("invoice_voided", text, step)
        return record

    def take(self, document: Issued) -> Decimal:
        """How much of the credit note the invoice takes now; it is counted off."""
        number = document.draft.corrects
        amount = min(document.draft.totals.total, self._open.get(number, ZERO))
        self._open[number] = self._open.get(number, ZERO) - amount
        return amount


@dataclass(frozen=True, slots=True)
class Allocations:
    """Sets credit notes off. A credit note that cannot be is delivered all the same: it is in the books, as an open credit."""

    sending: Sending

    def allocate(self, consignment: Consignment, credit_note_id: str, corrected: Corrected, handing_over: HandingOver) -> Outcome:
        """Once; ``SetOff`` where it was. Allocating twice is refused by Xero, which has no credit left then; a look-up sees the first."""
        document = issued_in(consignment)
        invoice = corrected.require(document)
        status = text_of(invoice, "Status")
        amount = corrected.take(document)
        if status != "AUTHORISED" or amount <= 0:
            return _open_credit(document, credit_note_id, f"invoice {document.draft.corrects} is {status} with nothing open")
        wanted = {"Amount": amount, "Date": document.issued_on, "Invoice": {"InvoiceID": text_of(invoice, "InvoiceID")}}
        return self._put(consignment, credit_note_id, wanted, handing_over)

    def _put(self, consignment: Consignment, credit_note_id: str, wanted: Mapping[str, Any], handing_over: HandingOver) -> Outcome:
        document = issued_in(consignment)
        effect = Effect(
            operation="allocations",
            numbers=[document.display_number],
            consignments=[consignment],
            path=f"/CreditNotes/{credit_note_id}/Allocations",
            body=exact_json.dumps({"Allocations": [wanted]}),
            params={"summarizeErrors": "false"},
        )
        answer = self.sending.send(effect, handing_over)
        if not isinstance(answer, Answer):
            return answer
        answered = answer.json()
        elements = elements_of(answered, "Allocations")
        if answer.status in _OK and elements and not is_refused(elements[0]):
            return _allocated(document, credit_note_id, wanted["Amount"])
        self.sending.spend(effect)
        said = "; ".join(messages_in(elements)) or problem_in(answered, answer.shown())
        return _open_credit(document, credit_note_id, f"Xero refused to set it off: {said}")


def is_allocated(record: Record, invoice_number: str) -> bool:
    """Whether a credit note is set off against an invoice, by the invoice's number."""
    for allocation in record.get("Allocations") or ():
        invoice = allocation.get("Invoice") if isinstance(allocation, Mapping) else None
        if isinstance(invoice, Mapping) and text_of(invoice, "InvoiceNumber").casefold() == invoice_number.casefold():
            return True
    return False


def _allocated(document: Issued, credit_note_id: str, amount: Decimal) -> SetOff:
    total = document.draft.totals.total
    rest = f"; {total - amount} of it is an open credit" if amount < total else ""
    return SetOff(credit_note_id, detail=f"Set off against {document.draft.corrects}: {amount}{rest}.")


def _open_credit(document: Issued, credit_note_id: str, reason: str) -> Delivered:
    text = f"The credit note is in Xero as an open credit of {document.draft.totals.total}; it was not set off: {reason}."
    return Delivered(credit_note_id, detail=f"{text} Set it off, or refund it, in Xero.")
