"""What became of a document that was handed over without an answer.

Fortnox has nothing that refuses a document a second time, and what is created may be missing from its lists for a while. So only two
looks, with a pause between them, are taken for a no.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.credits import Credits
from adapters.accounting.fortnox.records import Record, is_true
from adapters.accounting.fortnox.remote_documents import described, differences, find, is_ours, number_in, numbers, read
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.sending import Sending
from adapters.accounting.fortnox.settings import FortnoxSettings
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import Consignment
from application.ports.remote_links import RemoteLink
from domain.delivery.outcome import CannotTell, Delivered, LookUp, NotThere, PartlyThere, RetryLater, StepDone

DOCUMENT = "document"
_MISSED = "fortnox_missed"
_BETWEEN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class LookUps:
    """Looks of one visit."""

    api: FortnoxApi
    settings: FortnoxSettings
    memory: RemoteMemory
    credits: Credits
    sending: Sending

    def look_up(self, consignment: Consignment, sale: Sale) -> LookUp:
        """Where it stands, by Fortnox's number where that is known, else by our references. Raises what calls raise."""
        number = consignment.steps.get(DOCUMENT)
        if number is None:
            found = self._candidates(sale)
            if not found:
                return self._missed(sale)
            if len(found) > 1:
                return CannotTell(f"Fortnox has {len(found)} documents for {sale.key}: {numbers(found)}. Cancel all but one of them.")
            number = number_in(found[0])
            self._note(sale, number)
        record = read(self.api, sale.resource, number)
        if record is None or is_true(record, "Cancelled"):
            return CannotTell(f"{sale.key} was {number} in Fortnox, and is cancelled or gone there.")
        if self._is_finished(record, sale):
            return delivered(record, "found by its number")
        return PartlyThere((StepDone(DOCUMENT, number),))

    def keep(self, sale: Sale, number: str) -> None:
        """Remember Fortnox's number of a document."""
        type_, key = sale.link
        self.memory.put(self.api.scope, [RemoteLink(type_, key, number)])

    def kept(self, sale: Sale) -> Record | None:
        """A document that was sent before, as it is there now; None where there is none, or none that counts."""
        type_, key = sale.link
        link = self.memory.by_key(self.api.scope, type_, [key]).get(key)
        record = read(self.api, sale.resource, link.remote_id) if link else None
        return record if record is not None and is_ours(record, sale) and not is_true(record, "Cancelled") else None

    def _candidates(self, sale: Sale) -> list[Record]:
        found = find(self.api, sale)
        if found or not sale.is_credit:
            return found
        invoice = self.credits.corrected(sale)
        credit = self.credits.credit_of(sale, invoice) if invoice else None
        return [credit] if credit else []

    def _is_finished(self, record: Record, sale: Sale) -> bool:
        if not is_ours(record, sale) or self.sending.is_to_send(record):
            return False
        return not differences(record, sale, self.settings.rounding_tolerance)

    def _missed(self, sale: Sale) -> LookUp:
        now = self.memory.clock.now()
        link = self.memory.by_key(self.api.scope, _MISSED, [sale.identity]).get(sale.identity)
        if link is None:
            self.memory.put(self.api.scope, [RemoteLink(_MISSED, sale.identity, now.isoformat())])
            return RetryLater("Fortnox does not show it yet: it is looked for once more.", _BETWEEN.total_seconds())
        left = datetime.fromisoformat(link.remote_id) + _BETWEEN - now
        if left > timedelta(0):
            return RetryLater("Fortnox does not show it yet: it is looked for once more.", left.total_seconds())
        self.memory.remove(self.api.scope, _MISSED, sale.identity)
        return NotThere()

    def _note(self, sale: Sale, number: str) -> None:
        self.keep(sale, number)
        if self.memory.by_key(self.api.scope, _MISSED, [sale.identity]):
            self.memory.remove(self.api.scope, _MISSED, sale.identity)


def delivered(record: Record, how: str) -> Delivered:
    """The outcome of what is there, with its figures."""
    number = number_in(record)
    return Delivered(number, "", f"Fortnox {number}: {described(record)} ({how}).")
