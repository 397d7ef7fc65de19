"""What became of documents that were handed over without an answer."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.credits import WRITTEN, Credits
from adapters.accounting.jortt.customers import Customers
from adapters.accounting.jortt.finishing import Finishing
from adapters.accounting.jortt.papers import CREDIT_NOTE, Paper, paper_of
from adapters.accounting.jortt.remote_documents import (
    DRAFT,
    SENT,
    delivered,
    differences,
    expected_as_ours,
    expected_of,
    find,
    id_of,
    is_draft,
    listed,
    reference_of,
)
from adapters.accounting.jortt.sending import DOCUMENT, SENDING, document_in
from adapters.accounting.jortt.settings import JorttSettings
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import Consignment
from application.ports.remote_links import RemoteLink
from domain.delivery.outcome import CannotTell, Delivered, LookUp, NotThere, PartlyThere, RetryLater, StepDone

# How long a search may lag behind is not known: one that finds nothing is made again.
_LAG_S = 3.0
# Sending that was asked for without an answer shows within seconds. A draft that is one still a minute later was not asked for.
_STILL_DRAFT_S = 60.0
_SEEN_AS_DRAFT = "seen_as_draft"


@dataclass(frozen=True, slots=True)
class LookUps:
    """Answers for one integration."""

    api: JorttApi
    settings: JorttSettings
    memory: RemoteMemory
    customers: Customers
    credits: Credits
    finishing: Finishing
    sleep: Callable[[float], None]

    def look_up(self, consignment: Consignment) -> LookUp:
        """Where it stands. Raises what calls raise."""
        paper = paper_of(consignment, self.settings)
        answer = self._answer(consignment, paper)
        if isinstance(answer, Delivered):
            # As after a delivery: a credit note finds its invoice by it, and what is ours is known as ours.
            self.memory.put(self.api.scope, [RemoteLink(paper.kind.type, paper.reference, answer.remote_id)])
            self.finishing.notes.forget([consignment.token])
        return answer

    def _answer(self, consignment: Consignment, paper: Paper) -> LookUp:
        document_id = document_in(consignment.steps)
        is_whole = paper.kind is not CREDIT_NOTE or WRITTEN in consignment.steps
        if document_id and is_whole:
            return self._sent_or_not(consignment, paper, document_id)
        if document_id:
            return self._written_or_not(paper, document_id)
        return self._created_or_not(paper, is_asked=self.finishing.notes.asked_at(consignment.token) is not None)

    def _created_or_not(self, paper: Paper, *, is_asked: bool) -> LookUp:
        """``is_asked``: the call that creates it may have asked for sending too."""
        records = self._named(paper, is_asked=is_asked)
        if len(records) > 1:
            return CannotTell(f"jortt has {len(records)} documents with the reference {paper.reference}: look there which is right.")
        if records:
            return self._standing(paper, records[0], is_asked=is_asked)
        unnamed = self.credits.unnamed(paper) if paper.kind is CREDIT_NOTE else []
        if len(unnamed) > 1:
            return CannotTell(f"jortt has {len(unnamed)} drafts without a reference that credit {paper.corrects}: delete those of no use.")
        return PartlyThere((StepDone(DOCUMENT, id_of(unnamed[0])),)) if unnamed else NotThere()

    def _named(self, paper: Paper, *, is_asked: bool) -> list[Record]:
        found = find(self.api, paper.kind, [paper.reference]).get(paper.reference, [])
        # What we create is a draft at first, and the list of drafts lags behind nothing.
        found = found or listed(self.api, paper.kind, paper.reference, DRAFT)
        if not found:
            self.sleep(_LAG_S)
            found = find(self.api, paper.kind, [paper.reference]).get(paper.reference, [])
        if not found and is_asked:
            # It may be no draft any more, and the search may lag still: all that is sent is gone through before it is sent again.
            found = listed(self.api, paper.kind, paper.reference, SENT)
        return found

    def _standing(self, paper: Paper, record: Record, *, is_asked: bool = False) -> LookUp:
        customer_id = "" if paper.kind is CREDIT_NOTE else self.customers.known(paper)
        told = differences(record, expected_as_ours(paper, self.settings.rounding_tolerance, customer_id))
        if told:
            return CannotTell(f"jortt has a document under the reference {paper.reference}, and it is not as sent: {'; '.join(told)}.")
        if self.settings.is_sent and is_draft(record, paper.kind):
            document = StepDone(SENDING if is_asked else DOCUMENT, id_of(record))
            return PartlyThere((document, StepDone(WRITTEN, id_of(record))) if paper.kind is CREDIT_NOTE else (document,))
        return delivered(record, paper.kind, "found by its reference")

    def _written_or_not(self, paper: Paper, document_id: str) -> LookUp:
        record = self.api.read(f"{paper.kind.path}/{document_id}")
        if record is None:
            return _gone(document_id)
        expected = expected_of(paper, self.settings.rounding_tolerance)
        if reference_of(record) == paper.reference and not differences(record, expected):
            return self._standing(paper, record)
        return PartlyThere((StepDone(DOCUMENT, document_id),))

    def _sent_or_not(self, consignment: Consignment, paper: Paper, document_id: str) -> LookUp:
        record = self.finishing.polled(paper.kind, document_id)
        if record is None:
            return _gone(document_id)
        scope, token = self.api.scope, consignment.token
        if not is_draft(record, paper.kind):
            self.memory.remove(scope, _SEEN_AS_DRAFT, token)
            return self._standing(paper, record)
        if token not in self.memory.by_key(scope, _SEEN_AS_DRAFT, [token]):
            self.memory.put(scope, [RemoteLink(_SEEN_AS_DRAFT, token, document_id)])
            return RetryLater("jortt shows it as a draft, and may be sending it.", _STILL_DRAFT_S)
        self.memory.remove(scope, _SEEN_AS_DRAFT, token)
        return PartlyThere(tuple(StepDone(step, left) for step, left in consignment.steps.items()))


def _gone(document_id: str) -> CannotTell:
    return CannotTell(f"jortt has no document {document_id} any more: look there what became of it.")
