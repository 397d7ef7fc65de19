"""Having jortt send a document: it is asked once, and then waited for (facts: accounting-apis, B3.6).

Sending ends some seconds after the answer, when the document has a number. Until then it looks like a draft; that it was asked for is a
step of the delivery, so it is never asked for twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.arithmetic import ours
from adapters.accounting.jortt.effects import Effects, HandingOver
from adapters.accounting.jortt.errors import OK, RETRY, complaint_of, refused
from adapters.accounting.jortt.papers import ESTIMATE, Paper
from adapters.accounting.jortt.settings import JorttSettings
from adapters.accounting.jortt.texts import without_blanks
from application.ports.destination import Consignment
from domain.delivery.outcome import Outcome, Refused, StepDone

DOCUMENT, SENDING = "document", "sending"
# Where jortt has no words of its own.
_PLAIN = {"mail_subject": "{number}, {seller}", "mail_body": "{number}\n\n{seller}"}


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends for one integration."""

    api: JorttApi
    settings: JorttSettings
    effects: Effects

    def can_be_at_once(self, paper: Paper) -> bool:
        """Whether creating may send too. The call that creates an invoice takes no words for the mail."""
        has_words = self.settings.mail_subject or self.settings.mail_body
        return self.settings.is_sent and not (self.settings.is_mailed and has_words and paper.kind is not ESTIMATE)

    def at_once(self, paper: Paper) -> dict[str, Any]:
        """What a body that creates says, so that the document is sent too."""
        body: dict[str, Any] = {"send_method": self.settings.send_method}
        if self.settings.is_mailed and paper.kind is ESTIMATE and paper.buyer.email:
            body["email_address_customer"] = without_blanks(paper.buyer.email)
        return body

    def has_address(self, paper: Paper, record: Record) -> bool:
        """Whether a call that creates would find out where to mail such a document."""
        return not self.settings.is_mailed or bool(paper.buyer.email if paper.kind is ESTIMATE else record.get("customer_mail_to"))

    def begin(self, consignment: Consignment, paper: Paper, record: Record, handing_over: HandingOver) -> StepDone | Outcome:
        """Ask for a draft to be sent. One that somebody sent meanwhile is as good."""
        document_id = str(record["id"])
        body: dict[str, Any] = {"send_method": self.settings.send_method}
        if self.settings.is_mailed:
            body["email_address_customer"] = str(record.get("customer_mail_to") or without_blanks(paper.buyer.email))
            if not body["email_address_customer"]:
                return no_address(paper)
            body |= {} if paper.kind is ESTIMATE else self._words(paper, document_id)
        answer = self.effects.make(consignment, f"{paper.kind.path}/{document_id}/send", body, handing_over)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in OK or complaint_of(answer).names_sent:
            return StepDone(SENDING, document_id)
        return refused(complaint_of(answer))

    def _words(self, paper: Paper, document_id: str) -> Mapping[str, str]:
        """Subject and text of the mail: of the settings, else those that jortt takes where it is not told any."""
        given = {"mail_subject": self.settings.mail_subject, "mail_body": self.settings.mail_body}
        usual = {} if all(given.values()) else self.api.read(f"{paper.kind.path}/{document_id}/send_settings") or {}
        filled = {"number": paper.reference, "seller": self.settings.seller, "total": str(ours(paper.totals, paper.sign).total)}
        return {
            name: _filled(template, filled) if template else str(usual.get(f"default_{name}") or "") or _filled(_PLAIN[name], filled)
            for name, template in given.items()
        }


def document_in(steps: Mapping[str, str]) -> str:
    """The id of the document that the steps of a delivery left there; empty where it is not created, as far as is known."""
    return steps.get(DOCUMENT) or steps.get(SENDING) or ""


def no_address(paper: Paper) -> Refused:
    """It cannot be mailed."""
    text = f"{paper.buyer.name} has no e-mail address, and jortt is to mail {paper.reference}."
    return Refused("email_missing", text, f"Give the customer an e-mail address, or choose send_method: self, then: {RETRY}")


def _filled(template: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template
