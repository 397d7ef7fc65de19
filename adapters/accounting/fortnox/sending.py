"""Sending what is there: by mail, on paper, or only marked as sent. None of it is ever repeated without looking first."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import path_of
from adapters.accounting.fortnox.effects import Effects, HandingOver
from adapters.accounting.fortnox.errors import RETRY
from adapters.accounting.fortnox.records import Record, is_true, text_of
from adapters.accounting.fortnox.remote_documents import number_in
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import EMAIL, NOBODY, PRINT, FortnoxSettings
from application.ports.destination import Consignment
from domain.delivery.outcome import Outcome, Refused

# The first two look like reading and are not (facts: accounting-apis, B2.8).
_WAYS: Mapping[str, tuple[str, str]] = {EMAIL: ("GET", "email"), PRINT: ("GET", "print"), NOBODY: ("PUT", "externalprint")}


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends as the settings say."""

    settings: FortnoxSettings
    effects: Effects

    def is_to_send(self, record: Record) -> bool:
        """Whether a document is still to be sent; ``Sent`` is what Fortnox says of it."""
        return self.settings.is_sent and not is_true(record, "Sent")

    def send(self, consignment: Consignment, sale: Sale, record: Record, handing_over: HandingOver) -> Outcome | None:
        """None where it is sent."""
        method, action = _WAYS[self.settings.send_method]
        answer = self.effects.do(consignment, handing_over, method, path_of(sale.resource.name, number_in(record), action))
        if isinstance(answer, Answer):
            return None
        if isinstance(answer, Refused) and self.settings.send_method == EMAIL and not _mailbox_in(record):
            return _no_address(sale, answer)
        return answer


def _mailbox_in(record: Record) -> str:
    information = record.get("EmailInformation")
    return text_of(information, "EmailAddressTo") if isinstance(information, dict) else ""


def _no_address(sale: Sale, answer: Refused) -> Refused:
    """The customer had none when the document was entered."""
    text = f"{sale.key} has no e-mail address of {sale.buyer.name} in Fortnox, which is to mail it. {answer.text}"
    return Refused("email_missing", text, f"Give the document an e-mail address in Fortnox, or choose another send_method, then: {RETRY}")
