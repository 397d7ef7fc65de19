"""One integration's books compared with ours: theirs page by page, then ours, with one bit kept for each delivery."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.number_guarding import highest_numbers, number_in
from application.ports.books import BookedDocument, DeliveryStanding
from application.ports.destination import LaneContext
from application.ports.documents import DocumentFilter
from application.ports.ledger import Ledger, RemoteDocument, RemoteState
from application.ports.unit_of_work import UnitsOfWork
from application.reconciling import drift
from application.reconciling.drift import Drift, DriftKind
from application.reconciling.marks import Marks
from application.reconciling.pages import in_pages
from application.reconciling.rules import Rules
from domain.delivery.state import OPEN, DeliveryState
from domain.invoicing.document import DocumentType

SHOWN_MAX = 500
_PAGE = 500
# So many documents of numbers that are not ours are remembered by their ids, to recognize those that somebody renumbered.
_STRANGERS_MAX = 100_000
# Their clock is not ours: what changed there just before `since` is looked at as well.
CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a comparison found. Of each integration the first ``SHOWN_MAX`` are kept; the counts are of all."""

    compared: int
    on_the_way: int
    counts: Mapping[DriftKind, int]
    drift: tuple[Drift, ...]


class Comparison:
    """Of one integration; used once."""

    def __init__(self, units_of_work: UnitsOfWork, lane: LaneContext, started_at: datetime) -> None:
        self._units_of_work = units_of_work
        self._lane = lane
        self._path = lane.integration.path
        self._seller = lane.seller
        self._rules = Rules.of(lane.integration.settings)
        self._started_at = started_at
        self._live, self._void, self._used_up = Marks(), Marks(), Marks()
        self._strangers: dict[tuple[str, str], str] = {}
        self._compared = self._on_the_way = 0
        self._counts: Counter[DriftKind] = Counter()
        self._drift: list[Drift] = []

    def run(self, ledger: Ledger, since: datetime | None) -> Findings:
        """Read both. Raises what the ledger raises."""
        for page in in_pages(ledger.documents(since - CLOCK_SKEW if since else None), _PAGE):
            self._read_theirs(page)
        for ours in self._owed(since):
            self._look_for(ours)
        return Findings(self._compared, self._on_the_way, dict(self._counts), tuple(self._drift))

    def _read_theirs(self, page: Sequence[RemoteDocument]) -> None:
        with self._units_of_work() as uow:
            known = {
                type_: uow.books.by_numbers(self._path, self._seller.ref, type_, {each.number for each in page if each.type == type_})
                for type_ in {each.type for each in page}
            }
            last = {series.type: series.next_number - 1 for series in uow.documents.series() if series.admin_company == self._seller.ref}
            # Of void documents too: a number is used up even so.
            for seen in highest_numbers(self._lane, page):
                uow.number_guards.see(seen, self._started_at)
            uow.commit()
        for theirs in page:
            ours = known[theirs.type].get(theirs.number)
            if ours is None:
                self._meet_stranger(theirs, last)
            elif ours.delivery is not None:
                self._meet(ours, ours.delivery, theirs)

    def _meet_stranger(self, theirs: RemoteDocument, last: Mapping[DocumentType, int]) -> None:
        if theirs.state is RemoteState.VOIDED:
            return
        if len(self._strangers) < _STRANGERS_MAX:
            self._strangers[theirs.type, theirs.remote_id] = theirs.number
        type_ = DocumentType(theirs.type)
        number = number_in(self._seller, type_, theirs.number)
        if number is not None:
            self._tell(drift.not_issued(theirs, number > last.get(type_, 0)))

    def _meet(self, ours: BookedDocument, delivery: DeliveryStanding, theirs: RemoteDocument) -> None:
        if theirs.state is RemoteState.VOIDED:
            self._void.add(delivery.delivery_id)
            if theirs.keeps_number:
                self._used_up.add(delivery.delivery_id)
            return
        if not self._live.add(delivery.delivery_id):
            self._tell(drift.twice(ours, delivery, theirs))
            return
        differences = self._rules.differences(ours, theirs)
        if differences:
            self._tell(drift.different(ours, delivery, theirs, differences))
        elif theirs.state is RemoteState.DRAFT and not self._rules.leaves_drafts:
            self._tell(drift.draft(ours, delivery, theirs))

    def _owed(self, since: datetime | None) -> Iterator[BookedDocument]:
        after = 0
        while True:
            with self._units_of_work() as uow:
                page = uow.books.owed(self._path, since, after, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].delivery.delivery_id if page[-1].delivery else after

    def _look_for(self, ours: BookedDocument) -> None:
        delivery = ours.delivery
        if delivery is None:
            return
        is_there = delivery.delivery_id in self._live
        if delivery.state in OPEN or delivery.updated_at > self._started_at:
            self._on_the_way += 1
        elif delivery.state is DeliveryState.DELIVERED:
            self._compared += 1
            if not is_there:
                self._tell_gone(ours, delivery)
        elif is_there:
            self._tell(drift.undelivered(ours, delivery))
        elif delivery.state is DeliveryState.NEEDS_HUMAN:
            self._tell(drift.missing(ours, delivery))

    def _tell_gone(self, ours: BookedDocument, delivery: DeliveryStanding) -> None:
        number = self._strangers.get((ours.type, delivery.remote_id)) if delivery.remote_id else None
        if number is not None:
            self._tell(drift.renumbered(ours, delivery, number))
        elif delivery.delivery_id not in self._void:
            self._tell(drift.missing(ours, delivery))
        elif not self._is_taken_back(ours):
            self._tell(drift.voided(ours, delivery, keeps_number=delivery.delivery_id in self._used_up))

    def _is_taken_back(self, ours: BookedDocument) -> bool:
        """Whether an invoice that is void there counts here no more either: it is credited, and no credit note of it counts there."""
        if ours.type != DocumentType.INVOICE.value:
            return False
        with self._units_of_work() as uow:
            invoice = uow.documents.get(ours.document_id)
            orders = {order.ref for order in invoice.issued.draft.orders}
            if not orders <= invoice.credited_orders:
                return False
            seller = invoice.issued.admin_company
            wanted = DocumentFilter(type=DocumentType.CREDIT_NOTE, admin_company=seller, corrects=ours.display_number)
            numbers = {row.display_number for row in uow.documents.list(wanted, 0, len(orders))}
            notes = uow.books.by_numbers(self._path, seller, DocumentType.CREDIT_NOTE.value, numbers)
        return not any(note.delivery is not None and self._counts_there(note.delivery) for note in notes.values())

    def _counts_there(self, delivery: DeliveryStanding) -> bool:
        delivered = delivery.state is DeliveryState.DELIVERED and delivery.delivery_id not in self._void
        return delivered or delivery.delivery_id in self._live

    def _tell(self, found: Drift) -> None:
        self._counts[found.kind] += 1
        if len(self._drift) < SHOWN_MAX:
            self._drift.append(found)
