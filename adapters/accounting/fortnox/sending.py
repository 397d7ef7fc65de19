"""Sending what is there: by mail, on paper, or only marked as sent. None of it is ever repeated without looking first."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import path_of
from adapters.accounting.fortnox.effects import Effects, HandingOver
from adapters.accounting.fortnox.records import Record, is_true
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import EMAIL, NOBODY, PRINT, FortnoxSettings
from application.ports.destination import Consignment
from domain.delivery.outcome import Outcome

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

    def send(self, consignment: Consignment, sale: Sale, number: str, handing_over: HandingOver) -> Outcome | None:
        """None where it is sent."""
        method, action = _WAYS[self.settings.send_method]
        answer = self.effects.do(consignment, handing_over, method, path_of(sale.resource.name, number, action))
        return None if isinstance(answer, Answer) else answer
