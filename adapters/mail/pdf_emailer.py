"""The PDF Emailer (seed 002): mails each document as a PDF."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.mail.invoice_mail import InvoiceMail
from adapters.mail.lane_mail import as_text, check_server, check_written, located
from adapters.mail.sample import sample_invoice
from application.ports.destination import CheckResult, Consignment, LaneContext, issued_in
from application.ports.invoice_renderer import InvoiceRenderer
from application.ports.mailer import Mailer, MailSession
from application.ports.templates import Templates
from domain.delivery.outcome import ConnectionLost, LookUp, Outcome, Refused, RetryLater
from domain.errors import DomainError, TemporaryFailure

_NO_PDF = b""
# By the code of a refusal.
_SETTINGS = {
    "bad_address": "email_from, email_to or email_bcc",
    "no_recipient": "email_to (or the e-mail of the company)",
    "no_sender": "email_from (or the e-mail of the admin company)",
    "recipient_refused": "email_to or email_bcc (or the e-mail of the company, where email_to is empty)",
}


@contextmanager
def open_pdf_emailer(
    lane: LaneContext, mailer: Mailer, renderer: InvoiceRenderer, templates: Templates
) -> Iterator["PdfEmailerDestination"]:
    """The destination of one lane, over one mail session. Raises as ``Mailer.open``."""
    with mailer.open() as session:
        yield PdfEmailerDestination(session, renderer, InvoiceMail(lane, templates))


@dataclass(frozen=True, slots=True)
class PdfEmailerDestination:
    """Mails documents one by one; each PDF is made right before its mail, so that a long lane takes no more memory."""

    session: MailSession
    renderer: InvoiceRenderer
    mails: InvoiceMail

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome]]:
        """Stops after a lost connection: the rest was not handed over."""
        for consignment in batch:
            outcome = self._deliver_one(consignment, handing_over)
            yield consignment, outcome
            if isinstance(outcome, ConnectionLost):
                return

    def look_up(self, consignment: Consignment) -> LookUp:
        """What the mailer knows: files can be looked up, a mail server cannot."""
        try:
            return self.session.look_up(self.mails.message_id_of(issued_in(consignment), consignment.token))
        except DomainError as refusal:
            return RetryLater(refusal.text)

    def check(self) -> Sequence[CheckResult]:
        """The mail server, and one mail with an invented invoice, which is written and not sent."""
        return [check_server(self.session), self._check_mail()]

    def preview(self, consignment: Consignment) -> str:
        """The mail as text, with the size of its attachment."""
        document = issued_in(consignment)
        pdf = self.renderer.render(document, consignment.logo)
        return as_text(self.mails.write(document, "preview", pdf))

    def _deliver_one(self, consignment: Consignment, handing_over: Callable[[Sequence[Consignment]], None]) -> Outcome:
        try:
            document = issued_in(consignment)
            pdf = self.renderer.render(document, consignment.logo)
            mail = self.mails.write(document, consignment.token, pdf)
        except DomainError as refusal:
            return located(Refused(refusal.code, refusal.text, refusal.next_step), _SETTINGS, self.mails.lane)
        except TemporaryFailure as failure:
            return RetryLater(failure.text, failure.retry_after_s)
        return located(self.session.send(mail, lambda: handing_over((consignment,))), _SETTINGS, self.mails.lane)

    def _check_mail(self) -> CheckResult:
        try:
            return check_written(self.mails.write(sample_invoice(self.mails.lane), "check", _NO_PDF))
        except DomainError as refusal:
            return check_written(refusal)
