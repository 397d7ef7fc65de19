"""The document itself beside its record in Xero: the last call of a delivery, where attach_pdf asks for it."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from adapters.accounting.answer import Answer
from adapters.accounting.xero.chart import text_of
from adapters.accounting.xero.complaints import RETRY, problem_in
from adapters.accounting.xero.remote_documents import CREDIT_NOTE, kind_of
from adapters.accounting.xero.sending import Effect, HandingOver, Sending
from application.ports.destination import Consignment, issued_in
from application.ports.invoice_renderer import InvoiceRenderer
from domain.delivery.outcome import Delivered, Outcome, Refused
from domain.errors import DomainError
from domain.invoicing.document import Issued

_UNSAFE = re.compile(r"[^\w.-]+")
_NAME_MAX = 100
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Attachments:
    """PDFs of one organisation's invoices and credit notes. The name is the document's, so a look-up knows whether it is there."""

    sending: Sending
    renderer: InvoiceRenderer

    def attach(self, consignment: Consignment, done: Delivered, handing_over: HandingOver) -> Outcome:
        """Attach once, to the record that ``done`` is about: it is the outcome where all goes well."""
        document = issued_in(consignment)
        what = "credit note" if kind_of(document) is CREDIT_NOTE else "invoice"
        try:
            pdf = self.renderer.render(document, consignment.logo)
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, f"{refusal.next_step} The {what} is in Xero, without its PDF.".strip())
        effect = Effect(
            operation="attachment",
            numbers=[document.display_number],
            consignments=[consignment],
            path=f"{_folder(document, done.remote_id)}/{quote(attachment_name(document), safe='')}",
            body=pdf,
            content_type="application/pdf",
        )
        answer = self.sending.send(effect, handing_over)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in _OK:
            return done
        self.sending.spend(effect)
        said = problem_in(answer.json(), answer.shown())
        return Refused("pdf_refused", f"The {what} is in Xero; its PDF was refused: {said}", f"Correct what Xero names, then: {RETRY}")

    def is_attached(self, document: Issued, remote_id: str) -> bool:
        """Whether the PDF is there."""
        found = self.sending.api.records("Attachments", _folder(document, remote_id))
        return any(text_of(each, "FileName") == attachment_name(document) for each in found)


def _folder(document: Issued, remote_id: str) -> str:
    return f"/{kind_of(document).plural}/{remote_id}/Attachments"


def attachment_name(document: Issued) -> str:
    """The number with what file names take."""
    return f"{_UNSAFE.sub('_', document.display_number)[:_NAME_MAX]}.pdf"
