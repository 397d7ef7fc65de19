"""The mail that carries a document: who gets it and what it says."""

from dataclasses import dataclass

from adapters.mail import default_template
from adapters.mail.addresses import parse_addresses
from adapters.mail.lane_mail import NAME_MAX, UNSAFE, message_id, sender_of, setting
from adapters.mail.message import header_text
from adapters.mail.plain_text import html_to_text
from adapters.mail.template_variables import template_variables
from application.ports.destination import LaneContext
from application.ports.mailer import Attachment, Mail
from application.ports.templates import Templates
from domain.companies.plan import BillTo
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued


@dataclass(frozen=True, slots=True)
class InvoiceMail:
    """Writes the mails of one lane, by the settings of its integration (seed 002)."""

    lane: LaneContext
    templates: Templates

    def write(self, document: Issued, token: str, pdf: bytes) -> Mail:
        """The mail for a document. Raises DomainError where a setting or a template does not allow one."""
        sender = self._sender(document)
        to, bcc = self._recipients(document)
        variables = template_variables(document, self.lane.company)
        html = self.templates.render_html(setting(self.lane, "html_template") or default_template.HTML, variables)
        subject = self.templates.render_text(setting(self.lane, "subject_template") or default_template.SUBJECT, variables)
        return Mail(
            message_id=message_id(token, sender),
            sender=sender,
            to=to,
            bcc=bcc,
            subject=header_text(subject) or f"{variables['invoice']['type']} {document.display_number}",
            text=html_to_text(html),
            html=html,
            attachments=(Attachment(attachment_name(document), "application/pdf", pdf),),
        )

    def message_id_of(self, document: Issued, token: str) -> str:
        """The Message-ID that the mail of this document has."""
        return message_id(token, self._sender(document))

    def _sender(self, document: Issued) -> str:
        return sender_of(self.lane, document.draft.seller.email)

    def _recipients(self, document: Issued) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """To and BCC. A BCC alone is enough: the seed's users put the recipients of the invoice there."""
        to = parse_addresses(setting(self.lane, "email_to") or self._known_address(document))
        named = {address.lower() for address in to}
        bcc = tuple(address for address in parse_addresses(setting(self.lane, "email_bcc")) if address.lower() not in named)
        if not to and not bcc:
            raise DomainError(
                "no_recipient",
                f"{document.display_number} has no recipient: no email_to, no email_bcc and no address of {document.draft.buyer.name!r}.",
                f"Set email_to of {self.lane.integration.path}, or the e-mail of the company, and apply.",
            )
        return to, bcc

    def _known_address(self, document: Issued) -> str:
        # The company's address of today goes first: it may have been corrected after the invoice was issued.
        company = self.lane.company.email if self.lane.company.plan.bill_to is BillTo.COMPANY else ""
        return company or document.draft.buyer.email


def attachment_name(document: Issued) -> str:
    """``Invoice-INV-000042.pdf``: nothing in it comes from outside, and nothing in it needs quoting."""
    number = UNSAFE.sub("-", document.display_number).strip("-.")[:NAME_MAX] or str(document.number)
    kind = "Invoice" if document.draft.type is DocumentType.INVOICE else "Credit-note"
    return f"{kind}-{number}.pdf"
