"""What follows once a document is at jortt: it is read back, compared, sent where that is wanted, and waited for.

All of it for many documents at a time: one search shows a hundred of them (facts: accounting-apis, B3.3).
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.effects import HandingOver
from adapters.accounting.jortt.errors import RETRY
from adapters.accounting.jortt.papers import Kind, Paper
from adapters.accounting.jortt.remote_documents import delivered, differences, expected_of, find, id_of, is_draft
from adapters.accounting.jortt.sending import SENDING, Sending
from adapters.accounting.jortt.sending_notes import SendingNotes
from adapters.accounting.jortt.settings import JorttSettings
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import Consignment
from application.ports.remote_links import RemoteLink
from domain.delivery.outcome import Delivered, Outcome, Refused, RetryLater, StepDone

Yielded = tuple[Consignment, Outcome | StepDone]

_POLLS = 8
_NAP_S = 0.5
# Sending takes seconds. What takes so long has failed there, and jortt tells nobody.
_SENDING_MAX = timedelta(minutes=15)
_LATER_S = (15.0, 300.0)


@dataclass(frozen=True, slots=True)
class There:
    """A document that is at jortt. ``is_asked``: jortt was asked to send it."""

    consignment: Consignment
    paper: Paper
    document_id: str
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Finishing:
    """For one integration."""

    api: JorttApi
    settings: JorttSettings
    memory: RemoteMemory
    sending: Sending
    notes: SendingNotes
    sleep: Callable[[float], None]

    def begin(self, there: Sequence[There], handing_over: HandingOver) -> Generator[Yielded, None, list[There]]:
        """Compare, and ask for sending. Returns those that are to be waited for."""
        if not there:
            return []
        records = self._read(there, alone=True)
        self._keep(there)
        compared = [(each, self._compared(each, records.get(each.document_id))) for each in there]
        yield from self._told([(each, outcome) for each, outcome in compared if outcome is not None])
        asked = [each for each, outcome in compared if outcome is None and each.is_asked]
        drafts = [each for each, outcome in compared if outcome is None and not each.is_asked]
        self.notes.ask([each.consignment.token for each in drafts])
        for each in drafts:
            result = self.sending.begin(each.consignment, each.paper, records[each.document_id], handing_over)
            yield each.consignment, result
            if isinstance(result, StepDone):
                asked.append(replace(each, is_asked=True))
        return asked

    def end(self, asked: Sequence[There]) -> Iterator[Yielded]:
        """Wait a little until they are sent. ``RetryLater`` where it takes longer, and a person where it took too long."""
        left = list(asked)
        for polls_left in reversed(range(_POLLS)):
            if not left:
                return
            records = self._read(left, alone=not polls_left)
            pending = [each for each in left if polls_left and _is_pending(records.get(each.document_id), each.paper.kind)]
            yield from self._told([(each, self._ended(each, records.get(each.document_id))) for each in left if each not in pending])
            left = pending
            if left:
                self.sleep(_NAP_S)

    def polled(self, kind: Kind, document_id: str) -> Record | None:
        """One document once it is no draft any more, or as it stands after some seconds; None where it is gone."""
        for left in reversed(range(_POLLS)):
            record = self.api.read(f"{kind.path}/{document_id}")
            if record is None or not is_draft(record, kind) or not left:
                return record
            self.sleep(_NAP_S)
        return None

    def _told(self, ended: Sequence[tuple[There, Outcome]]) -> Iterator[Yielded]:
        if self.settings.is_sent:
            self.notes.forget([each.consignment.token for each, outcome in ended if isinstance(outcome, Delivered)])
        for each, outcome in ended:
            yield each.consignment, outcome

    def _compared(self, there: There, record: Record | None) -> Outcome | None:
        """The outcome of what is there; None where it is right and is still to be sent, or being sent."""
        if record is None:
            return gone(there.document_id)
        kind, customer_id = there.paper.kind, str(record.get("customer_id") or "")
        told = differences(record, expected_of(there.paper, self.settings.rounding_tolerance))
        if told:
            self.notes.disagree(customer_id)
            text = f"jortt took {there.paper.reference} and shows other figures: {'; '.join(told)}."
            return Refused("totals_differ_there", text, _mend(is_sent=there.is_asked or not is_draft(record, kind)))
        if self.settings.is_sent and is_draft(record, kind):
            if self.sending.has_address(there.paper, record):
                self.notes.agree(customer_id, there.document_id)
            return None
        return delivered(record, kind, "sent" if there.is_asked else "compared")

    def _ended(self, there: There, record: Record | None) -> Outcome:
        if record is not None and is_draft(record, there.paper.kind):
            return self._still_sending(there)
        outcome = self._compared(there, record)
        return outcome or gone(there.document_id)

    def _still_sending(self, there: There) -> Outcome:
        token = there.consignment.token
        asked_at = self.notes.asked_at(token)
        if asked_at is None:
            self.notes.ask([token])
            return RetryLater("jortt is still sending it.", _LATER_S[0])
        took = self.memory.clock.now() - asked_at
        if took < _SENDING_MAX:
            # Longer and longer: attempts are counted, and are to last until then.
            wait = min(max(took.total_seconds() / 2, _LATER_S[0]), _LATER_S[1])
            return RetryLater("jortt is still sending it.", wait)
        # A search may show what was: this is the last word before a person is called.
        record = self.api.read(f"{there.paper.kind.path}/{there.document_id}")
        if record is None or not is_draft(record, there.paper.kind):
            return self._compared(there, record) or gone(there.document_id)
        return not_sent(there.paper, took)

    def _read(self, there: Sequence[There], *, alone: bool) -> Mapping[str, Record]:
        """By one search for many. What a search misses is read ``alone``, or left for the next time."""
        records: dict[str, Record] = {}
        if len(there) > 1:
            found = find(self.api, there[0].paper.kind, [each.paper.reference for each in there])
            records = {id_of(record): record for each in found.values() for record in each}
        for each in there:
            if each.document_id not in records and (alone or len(there) == 1):
                record = self.api.read(f"{each.paper.kind.path}/{each.document_id}")
                records |= {} if record is None else {each.document_id: record}
        return records

    def _keep(self, there: Sequence[There]) -> None:
        """So that a credit note finds its invoice, and what is ours is known as ours."""
        links = [RemoteLink(each.paper.kind.type, each.paper.reference, each.document_id) for each in there]
        self.memory.put(self.api.scope, links)


def there_of(consignment: Consignment, paper: Paper, document_id: str) -> There:
    """With what the steps of its delivery say."""
    return There(consignment, paper, document_id, is_asked=SENDING in consignment.steps)


def gone(document_id: str) -> Refused:
    """It was there, and is no more."""
    text = f"jortt has no document {document_id} any more: somebody deleted it there."
    return Refused("gone_there", text, "If it is to be there again: billhook deliveries resend {delivery}")


def not_sent(paper: Paper, took: timedelta) -> Refused:
    """It was asked for, and did not happen."""
    minutes = int(took.total_seconds() // 60)
    text = f"jortt was asked to send {paper.reference} {minutes} minutes ago, and it is still a draft there: its sending failed."
    return Refused("not_sent_there", text, f"Look in jortt what hinders it and send it there, then: {RETRY}")


def _is_pending(record: Record | None, kind: Kind) -> bool:
    return record is None or is_draft(record, kind)


def _mend(*, is_sent: bool) -> str:
    if is_sent:
        return "It is sent: credit it in jortt and enter it there anew, then: billhook deliveries delivered {delivery}"
    return "Correct it in jortt, then: billhook deliveries delivered {delivery}"
