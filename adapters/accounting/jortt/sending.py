"""Having jortt send a document: it is asked once, and then waited for (facts: accounting-apis, B3.6).

Sending ends some seconds after the answer, when the document has a number. Until then it looks like a draft; that it was asked for is a
step of the delivery, so it is never asked for twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.arithmetic import ours
from adapters.accounting.jortt.effects import Effects, HandingOver
from adapters.accounting.jortt.errors import OK, RETRY, complaint_of, refused
from adapters.accounting.jortt.papers import ESTIMATE, Kind, Paper
from adapters.accounting.jortt.remote_documents import delivered, is_draft
from adapters.accounting.jortt.settings import EMAIL, JorttSettings
from application.ports.destination import Consignment
from domain.delivery.outcome import Outcome, Refused, RetryLater, StepDone

SENDING = "sending"
_POLLS = 8
_NAP_S = 0.5
_LATER_S = 15.0


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends for one integration."""

    api: JorttApi
    settings: JorttSettings
    effects: Effects
    sleep: Callable[[float], None]

    def begin(self, consignment: Consignment, paper: Paper, record: Record, handing_over: HandingOver) -> StepDone | Outcome:
        """Ask for it. A draft that somebody sent meanwhile is as good."""
        document_id = str(record["id"])
        body = self._body(paper, record)
        if self.settings.is_mailed and not body.get("email_address_customer"):
            return no_address(paper)
        answer = self.effects.make(consignment, f"{paper.kind.path}/{document_id}/send", body, handing_over)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in OK or complaint_of(answer).names_sent:
            return StepDone(SENDING, document_id)
        return refused(complaint_of(answer))

    def end(self, kind: Kind, document_id: str) -> Outcome:
        """Wait for it a little. ``RetryLater`` where it takes longer."""
        record = self.polled(kind, document_id)
        if record is None:
            return gone(document_id)
        if is_draft(record, kind):
            return RetryLater("jortt is still sending it.", _LATER_S)
        return delivered(record, kind, "sent")

    def polled(self, kind: Kind, document_id: str) -> Record | None:
        """The document once it is no draft any more, or as it stands after some seconds; None where it is gone."""
        for left in reversed(range(_POLLS)):
            record = self.api.read(f"{kind.path}/{document_id}")
            if record is None or not is_draft(record, kind) or not left:
                return record
            self.sleep(_NAP_S)
        return None

    def _body(self, paper: Paper, record: Record) -> dict[str, Any]:
        body: dict[str, Any] = {"send_method": self.settings.send_method}
        if self.settings.send_method != EMAIL:
            return body
        body["email_address_customer"] = str(record.get("customer_mail_to") or paper.buyer.email or "")
        if paper.kind is ESTIMATE:
            return body
        words = {"number": paper.reference, "seller": self.settings.seller, "total": str(ours(paper.totals, paper.sign).total)}
        return body | {
            "mail_subject": _filled(self.settings.mail_subject, words),
            "mail_body": _filled(self.settings.mail_body, words),
        }


def no_address(paper: Paper) -> Refused:
    """It cannot be mailed."""
    text = f"{paper.buyer.name} has no e-mail address, and jortt is to mail {paper.reference}."
    return Refused("email_missing", text, f"Give the customer an e-mail address, or choose send_method: self, then: {RETRY}")


def gone(document_id: str) -> Refused:
    """It was there, and is no more."""
    text = f"jortt has no document {document_id} any more: somebody deleted it there."
    return Refused("gone_there", text, "If it is to be there again: billhook deliveries resend {delivery}")


def _filled(template: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template
