"""Credit notes: jortt makes a draft of the invoice turned round, and we write ours over it (facts: accounting-apis, B3.6 Credit).

The draft has no reference until it is written, so a lost answer leaves one that carries nothing of ours. That is why the creation is
noted first: an unnamed draft of the same invoice is then taken for ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi, Record, id_in
from adapters.accounting.jortt.documents import changed_body, write
from adapters.accounting.jortt.effects import Effects, HandingOver
from adapters.accounting.jortt.errors import OK, complaint_of, refusal, refused
from adapters.accounting.jortt.mapped import mapped_of
from adapters.accounting.jortt.papers import CREDIT_NOTE, INVOICE, Paper
from adapters.accounting.jortt.remote_documents import find, id_of, is_draft, is_kind, reference_of
from adapters.accounting.jortt.sending import DOCUMENT
from adapters.accounting.jortt.settings import JorttSettings
from adapters.accounting.jortt.vats import Vats, vats_on
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import Consignment
from application.ports.remote_links import RemoteLink
from domain.delivery.outcome import Outcome, RetryLater, StepDone, Unknown
from domain.errors import DomainError

WRITTEN = "written"
_BEGUN = "credit_begun"
_LATER_S = 120.0


@dataclass(frozen=True, slots=True)
class Credits:
    """The credit notes of one integration."""

    api: JorttApi
    settings: JorttSettings
    memory: RemoteMemory
    effects: Effects

    def make(self, consignment: Consignment, paper: Paper, handing_over: HandingOver) -> Iterator[StepDone | Outcome]:
        """Its steps as they happen; after ``WRITTEN`` it is a draft with our content. An outcome ends it."""
        try:
            yield from self._made(consignment, paper, handing_over)
        except DomainError as error:
            yield refusal(error)

    def unnamed(self, paper: Paper) -> list[Record]:
        """The drafts that may be ours after a lost answer; none where we never began."""
        begun = self.memory.by_key(self.api.scope, _BEGUN, [paper.reference]).get(paper.reference)
        invoice = self.api.read(f"/invoices/{begun.remote_id}") if begun else None
        return [] if invoice is None else self._unnamed(invoice)

    def _made(self, consignment: Consignment, paper: Paper, handing_over: HandingOver) -> Iterator[StepDone | Outcome]:
        document_id = consignment.steps.get(DOCUMENT, "")
        if WRITTEN in consignment.steps:
            return
        invoice = self._corrected(paper)
        if is_draft(invoice, INVOICE) and self.settings.is_sent:
            yield RetryLater(f"{paper.corrects}, which it credits, is not sent yet.", _LATER_S)
            return
        _require_sent(invoice, paper)
        if not document_id:
            there = find(self.api, CREDIT_NOTE, [paper.reference]).get(paper.reference, [])
            if there:
                _require_ours(there[0], paper, id_of(invoice))
            created = id_of(there[0]) if there else self._created(consignment, paper, invoice, handing_over)
            if not isinstance(created, str):
                yield created
                return
            document_id = created
            yield StepDone(DOCUMENT, document_id)
        body = self._body(paper, invoice)
        answer = self.effects.make(consignment, f"/invoices/{document_id}", body, handing_over, "PUT")
        if not isinstance(answer, Answer):
            yield answer
        elif answer.status not in OK and not complaint_of(answer).names_sent:
            yield refused(complaint_of(answer))
        else:
            yield StepDone(WRITTEN, document_id)

    def _body(self, paper: Paper, invoice: Record) -> dict[str, object]:
        customer_id = str(invoice.get("customer_id") or "")
        # What stood on the invoice may stand on its credit note, whatever the customer is today.
        vats = Vats(vats_on(invoice))
        written = write(paper, customer_id, vats, mapped_of(paper, self.settings), self.settings.rounding_tolerance)
        return changed_body(written)

    def _created(self, consignment: Consignment, paper: Paper, invoice: Record, handing_over: HandingOver) -> str | Outcome:
        lost = self.unnamed(paper)
        if lost:
            return id_of(lost[0])
        self.memory.put(self.api.scope, [RemoteLink(_BEGUN, paper.reference, id_of(invoice))])
        answer = self.effects.make(consignment, f"/invoices/{id_of(invoice)}/credit", {}, handing_over)
        if not isinstance(answer, Answer):
            return answer
        if answer.status not in OK:
            return refused(complaint_of(answer))
        return id_in(answer) or Unknown(f"jortt's answer names no credit note: {answer.shown()}")

    def _corrected(self, paper: Paper) -> Record:
        """The invoice that is credited. Raises DomainError where it is not there."""
        link = self.memory.by_key(self.api.scope, INVOICE.type, [paper.corrects]).get(paper.corrects)
        record = self.api.read(f"/invoices/{link.remote_id}") if link else None
        if record is None:
            found = find(self.api, INVOICE, [paper.corrects]).get(paper.corrects, [])
            record = self.api.read(f"/invoices/{id_of(found[0])}") if len(found) == 1 else None
        if record is None:
            text = f"{paper.reference} credits {paper.corrects}, which is not in jortt, or there more than once."
            raise DomainError("invoice_not_there", text, f"Deliver {paper.corrects} first")
        return record

    def _unnamed(self, invoice: Record) -> list[Record]:
        ids = invoice.get("credit_invoice_ids")
        records = [self.api.read(f"/invoices/{each}") for each in (ids if isinstance(ids, list) else [])]
        return [
            record
            for record in records
            if record is not None and not reference_of(record) and is_kind(record, CREDIT_NOTE) and is_draft(record, CREDIT_NOTE)
        ]


def _require_sent(invoice: Record, paper: Paper) -> None:
    if is_draft(invoice, INVOICE):
        text = f"{paper.reference} credits {paper.corrects}, which is a draft in jortt: only what is sent can be credited there."
        raise DomainError("invoice_is_draft_there", text, f"Send {paper.corrects} in jortt (or delete it there, and cancel this delivery)")


def _require_ours(record: Record, paper: Paper, invoice_id: str) -> None:
    if str(record.get("credited_invoice_id")) != invoice_id:
        text = f"jortt has another credit note under the reference {paper.reference}, and it credits another invoice."
        raise DomainError("reference_taken", text, "Give the one there another reference in jortt")
