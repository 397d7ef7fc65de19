"""jortt as a destination (seed 003; facts: accounting-apis, B3).

jortt has no idempotency and keeps no number unique, so what carries our reference is looked for before anything is created, for a whole
batch with a question or two. A document is created as a draft, read back and compared, and only then sent where that is wanted; once that
went well for a customer, later documents are created and sent with one call. Each of these effects is a step of its own, so a delivery
that is tried again goes on behind the last one that happened.
"""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi, Record, id_in
from adapters.accounting.jortt.checks import Checks
from adapters.accounting.jortt.credits import WRITTEN, Credits
from adapters.accounting.jortt.customers import Customers
from adapters.accounting.jortt.documents import Body, Written, require_euro, write
from adapters.accounting.jortt.effects import Effects, HandingOver
from adapters.accounting.jortt.errors import OK, complaint_of, refusal, refused
from adapters.accounting.jortt.finishing import Finishing, There, Yielded, there_of
from adapters.accounting.jortt.look_ups import LookUps
from adapters.accounting.jortt.mapped import Mapped, mapped_of
from adapters.accounting.jortt.papers import CREDIT_NOTE, Paper, paper_of
from adapters.accounting.jortt.preview import previewed
from adapters.accounting.jortt.remote_documents import differences, expected_as_ours, find, id_of
from adapters.accounting.jortt.sending import DOCUMENT, SENDING, Sending, document_in, no_address
from adapters.accounting.jortt.sending_notes import SendingNotes
from adapters.accounting.jortt.settings import JorttSettings
from adapters.accounting.jortt.vats import YOUNG_S, VatLists, Vats
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import CheckResult, Consignment
from domain.delivery.outcome import ConnectionLost, LookUp, Outcome, Refused, RetryLater, StepDone, Unknown
from domain.errors import DomainError, TemporaryFailure

_CUSTOMER_GONE = "customer_gone"
_LOST_MAX = 3
_LOST_S = 30.0
_LATER_S = 120.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document on its way."""

    consignment: Consignment
    paper: Paper
    body: Body

    @property
    def customer_id(self) -> str:
        """Whom it is for."""
        return str(self.body["customer_id"])


@dataclass(frozen=True, slots=True)
class JorttDestination:
    """One lane's visit to one organisation."""

    api: JorttApi
    settings: JorttSettings
    customers: Customers
    vat_lists: VatLists
    memory: RemoteMemory
    effects: Effects
    sending: Sending
    notes: SendingNotes
    finishing: Finishing
    credits: Credits
    look_ups: LookUps
    checks: Checks

    def deliver(self, batch: Sequence[Consignment], handing_over: HandingOver) -> Iterator[Yielded]:
        """In order. Stops after a lost connection."""
        papers = {consignment.delivery_id: paper_of(consignment, self.settings) for consignment in batch}
        on_their_way: set[str] = set()
        for is_credit_note, run in groupby(batch, key=lambda each: papers[each.delivery_id].kind is CREDIT_NOTE):
            pairs = [(consignment, papers[consignment.delivery_id]) for consignment in run]
            flow = self._credit_notes(pairs, on_their_way, handing_over) if is_credit_note else self._documents(pairs, handing_over)
            for consignment, outcome in flow:
                yield consignment, outcome
                if isinstance(outcome, ConnectionLost):
                    return
                if isinstance(outcome, Unknown | RetryLater):
                    on_their_way.add(papers[consignment.delivery_id].reference)

    def look_up(self, consignment: Consignment) -> LookUp:
        """Where it stands, by our reference."""
        return self.look_ups.look_up(consignment)

    def check(self) -> Sequence[CheckResult]:
        """Everything that a delivery needs, by reading only."""
        return self.checks.run()

    def preview(self, consignment: Consignment) -> str:
        """The bodies that would be sent, with the figures that jortt will come to. A customer jortt has not yet is not created."""
        paper = paper_of(consignment, self.settings)
        customer_id = self.customers.known(paper)
        vats = self.vat_lists.of(self.api, customer_id) if customer_id else Vats(None)
        return previewed(paper, customer_id, vats, mapped_of(paper, self.settings), self.settings)

    def _documents(self, run: Sequence[tuple[Consignment, Paper]], handing_over: HandingOver) -> Iterator[Yielded]:
        there = [there_of(each, paper, document_in(each.steps)) for each, paper in run if document_in(each.steps)]
        parcels = yield from self._packed([(each, paper) for each, paper in run if not document_in(each.steps)])
        found = find(self.api, parcels[0].paper.kind, [parcel.paper.reference for parcel in parcels]) if parcels else {}
        asked = yield from self.finishing.begin(there, handing_over)
        is_lost = False
        for part in self._parts(parcels):
            placed, is_lost = yield from self._placed_all(part, found, handing_over)
            asked += yield from self.finishing.begin(placed, handing_over)
            if is_lost:
                break
        yield from self.finishing.end(asked)
        if is_lost:
            # Each of these costs a look-up: what is left is better sent when jortt answers again.
            raise TemporaryFailure(f"jortt gave no certain answer {_LOST_MAX} times in a row.", _LOST_S)

    def _parts(self, parcels: Sequence[Parcel]) -> list[list[Parcel]]:
        """First one for each customer for whom nothing was compared yet, so that the others can be created and sent with one call."""
        if not any(self.sending.can_be_at_once(parcel.paper) for parcel in parcels):
            return [list(parcels)]
        agreed = self.notes.agreed({parcel.customer_id for parcel in parcels})
        firsts = {parcel.customer_id: parcel for parcel in reversed(parcels) if parcel.customer_id not in agreed}
        first = [parcel for parcel in parcels if firsts.get(parcel.customer_id) is parcel]
        return [first, [parcel for parcel in parcels if firsts.get(parcel.customer_id) is not parcel]]

    def _placed_all(
        self, parcels: Sequence[Parcel], found: Mapping[str, Sequence[Record]], handing_over: HandingOver
    ) -> Generator[Yielded, None, tuple[list[There], bool]]:
        """Those that are there now, and whether too many answers in a row were lost."""
        at_once = self._sent_at_once([parcel for parcel in parcels if parcel.paper.reference not in found])
        there: list[There] = []
        lost = 0
        for parcel in parcels:
            extra = self.sending.at_once(parcel.paper) if parcel.consignment.token in at_once else {}
            result = self._placed(replace(parcel, body=parcel.body | extra), found.get(parcel.paper.reference, ()), handing_over)
            yield parcel.consignment, result
            if isinstance(result, StepDone):
                there.append(There(parcel.consignment, parcel.paper, result.remote_id, is_asked=result.step == SENDING))
            lost = lost + 1 if isinstance(result, Unknown) else 0
            if lost == _LOST_MAX:
                return there, True
        return there, False

    def _sent_at_once(self, parcels: Sequence[Parcel]) -> frozenset[str]:
        """The tokens of those that are created and sent with one call; that they are is noted before."""
        possible = [parcel for parcel in parcels if self.sending.can_be_at_once(parcel.paper)]
        if not possible:
            return frozenset()
        agreed = self.notes.agreed({parcel.customer_id for parcel in possible})
        tokens = [parcel.consignment.token for parcel in possible if parcel.customer_id in agreed]
        self.notes.forget([parcel.consignment.token for parcel in possible if parcel.customer_id not in agreed])
        self.notes.ask(tokens)
        return frozenset(tokens)

    def _packed(self, run: Sequence[tuple[Consignment, Paper]]) -> Generator[Yielded, None, list[Parcel]]:
        """What can be sent; what cannot is refused here, before anything leaves."""
        parcels = []
        for consignment, paper in run:
            try:
                parcels.append(self._parcel(consignment, paper))
            except DomainError as error:
                yield consignment, self._not_packed(paper, error)
        return parcels

    def _parcel(self, consignment: Consignment, paper: Paper) -> Parcel:
        require_euro(paper)
        if self.settings.is_mailed and not paper.buyer.email and not self.settings.default_customer:
            refusal_ = no_address(paper)
            raise DomainError(refusal_.code, refusal_.text, refusal_.next_step.partition(", then: ")[0])
        mapped = mapped_of(paper, self.settings)
        customer_id = self.customers.of(paper, mapped.customer)
        return Parcel(consignment, paper, self._written(paper, customer_id, mapped).body)

    def _written(self, paper: Paper, customer_id: str, mapped: Mapped) -> Written:
        vats = self.vat_lists.of(self.api, customer_id)
        try:
            return write(paper, customer_id, vats, mapped, self.settings.rounding_tolerance)
        except DomainError:
            newer = self.vat_lists.of(self.api, customer_id, YOUNG_S)
            if newer is vats:
                raise
            return write(paper, customer_id, newer, mapped, self.settings.rounding_tolerance)

    def _not_packed(self, paper: Paper, error: DomainError) -> Outcome:
        if error.code == _CUSTOMER_GONE:
            return self._without_customer(paper, error.text)
        return refusal(error)

    def _without_customer(self, paper: Paper, text: str) -> Outcome:
        self.customers.forget(paper)
        return RetryLater(text, 1.0)

    def _placed(self, parcel: Parcel, found: Sequence[Record], handing_over: HandingOver) -> StepDone | Outcome:
        """Created, unless it is there already."""
        if not found:
            return self._created(parcel, handing_over)
        told = differences(found[0], expected_as_ours(parcel.paper, self.settings.rounding_tolerance, parcel.customer_id))
        reference = parcel.paper.reference
        if len(found) > 1:
            told = [f"there are {len(found)} of them"]
        if told:
            text = f"jortt has another document under the reference {reference}: {'; '.join(told)}."
            step = "Give the one there another reference in jortt, or delete it, then: billhook deliveries retry {delivery}"
            return Refused("reference_taken", text, step)
        return StepDone(DOCUMENT, id_of(found[0]))

    def _created(self, parcel: Parcel, handing_over: HandingOver) -> StepDone | Outcome:
        answer = self.effects.make(parcel.consignment, parcel.paper.kind.path, parcel.body, handing_over)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in OK:
            document_id = id_in(answer)
            if not document_id:
                return Unknown(f"jortt's answer names no document: {answer.shown()}")
            return StepDone(SENDING if "send_method" in parcel.body else DOCUMENT, document_id)
        complaint = complaint_of(answer)
        if complaint.about("customer_id"):
            return self._without_customer(parcel.paper, complaint.text)
        if complaint.about("vat"):
            self.vat_lists.forget(self.api.scope, parcel.customer_id)
        return refused(complaint)

    def _credit_notes(
        self, run: Sequence[tuple[Consignment, Paper]], on_their_way: Collection[str], handing_over: HandingOver
    ) -> Iterator[Yielded]:
        there = []
        for consignment, paper in run:
            if paper.corrects in on_their_way:
                yield consignment, RetryLater(f"{paper.corrects}, which it credits, is still on its way.", _LATER_S)
                continue
            document_id = consignment.steps.get(DOCUMENT, "") if WRITTEN in consignment.steps else ""
            for result in self.credits.make(consignment, paper, handing_over):
                yield consignment, result
                document_id = result.remote_id if isinstance(result, StepDone) and result.step == WRITTEN else document_id
            if document_id:
                there.append(there_of(consignment, paper, document_id))
        yield from self.finishing.end((yield from self.finishing.begin(there, handing_over)))
