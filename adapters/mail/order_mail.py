"""The templated mail about an order whose data file was dropped (seed 000, Photo Wonder)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.mail import default_template
from adapters.mail.addresses import parse_addresses
from adapters.mail.lane_mail import as_text, check_server, check_written, located, message_id, sender_of, setting
from adapters.mail.message import header_text
from adapters.mail.plain_text import html_to_text
from adapters.mail.sample import SAMPLE_FILE_NAME, sample_order
from adapters.mail.template_variables import order_variables
from application.ports.destination import CheckResult, Consignment, LaneContext, OrderDocument
from application.ports.mailer import Attachment, Mail, Mailer, MailSession
from application.ports.templates import Templates
from domain.delivery.outcome import ConnectionLost, LookUp, Outcome, Refused, RetryLater
from domain.errors import DomainError

# By the code of a refusal.
_SETTINGS = {
    "bad_address": "email_from or email_bcc",
    "no_recipient": "email_bcc",
    "no_sender": "email_from (or the e-mail of the admin company)",
    "recipient_refused": "email_bcc",
}
FileOf = Callable[[Consignment], Attachment]


@contextmanager
def open_order_mailer(lane: LaneContext, mailer: Mailer, templates: Templates, file_of: FileOf) -> Iterator["OrderMailDestination"]:
    """The destination of one lane, over one mail session. ``file_of`` gives the data file of an order. Raises as ``Mailer.open``."""
    with mailer.open() as session:
        yield OrderMailDestination(session, OrderMail(lane, templates), file_of)


@dataclass(frozen=True, slots=True)
class OrderMail:
    """Writes the mails of one lane, by the settings of its integration."""

    lane: LaneContext
    templates: Templates

    def write(self, document: OrderDocument, token: str, file: Attachment) -> Mail:
        """The mail for an order; it carries the file where ``attach_file`` says so. Raises DomainError as templates and addresses do."""
        sender = self._sender()
        variables = order_variables(document, self.lane.company, self.lane.seller, file.name)
        html = self.templates.render_html(setting(self.lane, "html_template") or default_template.ORDER_HTML, variables)
        subject = self.templates.render_text(setting(self.lane, "subject_template") or default_template.ORDER_SUBJECT, variables)
        return Mail(
            message_id=message_id(token, sender),
            sender=sender,
            to=(),
            bcc=self._recipients(),
            subject=header_text(subject) or f"Order {document.order.ref}",
            text=html_to_text(html),
            html=html,
            attachments=(file,) if self.lane.integration.settings.get("attach_file") else (),
        )

    def message_id_of(self, token: str) -> str:
        """The Message-ID that the mail of this sending has."""
        return message_id(token, self._sender())

    def _sender(self) -> str:
        return sender_of(self.lane, self.lane.seller.email)

    def _recipients(self) -> tuple[str, ...]:
        """The seed names a BCC only: its users put everybody who is to know there."""
        recipients = parse_addresses(setting(self.lane, "email_bcc"))
        if not recipients:
            where = self.lane.integration.path
            raise DomainError("no_recipient", f"Nobody would get the mails of {where}.", f"Set email_bcc of {where}, and apply.")
        return recipients


@dataclass(frozen=True, slots=True)
class OrderMailDestination:
    """Mails orders one by one."""

    session: MailSession
    mails: OrderMail
    file_of: FileOf

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome]]:
        """Stops after a lost connection: the rest was not handed over."""
        for consignment in batch:
            outcome = located(self._deliver_one(consignment, handing_over), _SETTINGS, self.mails.lane)
            yield consignment, outcome
            if isinstance(outcome, ConnectionLost):
                return

    def look_up(self, consignment: Consignment) -> LookUp:
        """What the mailer knows: files can be looked up, a mail server cannot."""
        try:
            return self.session.look_up(self.mails.message_id_of(consignment.token))
        except DomainError as refusal:
            return RetryLater(refusal.text)

    def check(self) -> Sequence[CheckResult]:
        """The mail server, and one mail about an invented order, which is written and not sent."""
        return [check_server(self.session), self._check_mail()]

    def preview(self, consignment: Consignment) -> str:
        """The mail as text."""
        return as_text(self._write(consignment))

    def _deliver_one(self, consignment: Consignment, handing_over: Callable[[Sequence[Consignment]], None]) -> Outcome:
        try:
            mail = self._write(consignment)
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, refusal.next_step)
        return self.session.send(mail, lambda: handing_over((consignment,)))

    def _write(self, consignment: Consignment) -> Mail:
        document = consignment.document
        if not isinstance(document, OrderDocument):
            raise TypeError(f"delivery {consignment.delivery_id} holds no order")
        return self.mails.write(document, consignment.token, self.file_of(consignment))

    def _check_mail(self) -> CheckResult:
        order = sample_order(self.mails.lane)
        try:
            return check_written(self.mails.write(order, "check", Attachment(SAMPLE_FILE_NAME, "application/xml", b"")))
        except DomainError as refusal:
            return check_written(refusal)
