"""What an integration would send for an order or a document, without sending it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from application.consignments import ConsignmentLoader, NotOwedNow, order_document, token_of
from application.judging import case_of
from application.lane_contexts import lane_context
from application.order_owing import ORDER
from application.ports.deliveries import Delivery, DeliveryFilter
from application.ports.destination import Consignment, Destinations, LaneContext
from application.ports.order_translator import OrderTranslators
from application.ports.orders import StoredOrder
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.queries.show_document import find_any
from application.queries.show_order import find_order
from domain.delivery.state import DeliveryState
from domain.errors import DomainError, Invalid, TemporaryFailure


@dataclass(frozen=True, slots=True)
class PreviewedDelivery:
    """``text`` is what would be sent, for people; empty where the order cannot even be priced. ``hindrances`` are sentences."""

    integration: str
    subject: str
    subject_id: int
    text: str
    hindrances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The subject of the preview. ``dated`` is what the integration's start is held against."""

    name: str
    company: str
    delivery: Delivery
    dated: datetime | None
    order: StoredOrder | None = None


@dataclass(frozen=True, slots=True)
class PreviewDeliveryHandler:
    """Loads the document as the lane would, and asks the destination."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators
    destinations: Destinations

    def __call__(self, path: str, *, order: str = "", invoice: str = "") -> PreviewedDelivery:
        """Name either an order's ref or a document's number.

        Raises NotFound, Invalid where the integration takes no such document or it is another company's, and DomainError where
        it cannot be written as the destination wants it, or the destination is away.
        """
        if bool(order) == bool(invoice):
            raise Invalid("", "Name either an order or an invoice.")
        with self.units_of_work() as uow:
            lane = lane_context(uow, path)
            wanted = self._order(uow, path, order) if order else self._document(uow, path, invoice)
        self._refuse_stranger(lane, wanted)
        consignment, unready = self._load(wanted)
        text = "" if consignment is None else self._text(lane, consignment)
        delivery = wanted.delivery
        hindrances = (*unready, *_hindrances(lane, wanted))
        if not hindrances and not delivery.delivery_id:
            hindrances = (f"No delivery of it is owed: it was there before {path} was.",)
        return PreviewedDelivery(path, delivery.subject, delivery.subject_id, text, hindrances)

    def _order(self, uow: UnitOfWork, path: str, ref: str) -> _Wanted:
        stored = find_order(uow, ref)
        order = self.translators.for_source(stored.source).translate(stored.body)
        delivery = _delivery(uow, path, order.company_ref, ORDER, stored.order_id)
        return _Wanted(f"order {ref}", order.company_ref, delivery, order.created_at, stored)

    def _document(self, uow: UnitOfWork, path: str, number: str) -> _Wanted:
        stored = find_any(uow, number)
        draft = stored.issued.draft
        delivery = _delivery(uow, path, draft.company, draft.type.value, stored.document_id)
        return _Wanted(number, draft.company, delivery, stored.issued_at)

    def _refuse_stranger(self, lane: LaneContext, wanted: _Wanted) -> None:
        path = lane.integration.path
        if wanted.company != lane.integration.company:
            raise Invalid("", f"{wanted.name} is of company {wanted.company}, and {path} delivers for {lane.integration.company} only.")
        takes = self.destinations.takes(lane.integration)
        if wanted.delivery.subject not in takes:
            step = "Name an order: --order REF" if ORDER in takes else "Name an invoice: --invoice NUMBER"
            raise Invalid("", f"{path} takes no document of type {wanted.delivery.subject}.", step)

    def _load(self, wanted: _Wanted) -> tuple[Consignment | None, tuple[str, ...]]:
        (loaded,) = ConsignmentLoader(self.units_of_work, self.translators).load([wanted.delivery])
        if not isinstance(loaded, NotOwedNow):
            return loaded, ()
        why = f"{loaded.reason} `billhook orders explain` tells why."
        return self._unready(wanted), (why,)

    def _text(self, lane: LaneContext, consignment: Consignment) -> str:
        try:
            with self.destinations.open(lane) as destination:
                return destination.preview(consignment)
        except TemporaryFailure as failure:
            path = lane.integration.path
            step = f"A preview is made over the connection that a delivery would use: billhook integrations check {path}"
            raise DomainError("destination_away", f"{path} cannot be reached now: {failure.text}", step) from failure

    def _unready(self, wanted: _Wanted) -> Consignment | None:
        """An order that would not go now, as far as it can be written already: who sets up a map has no other yet."""
        if wanted.order is None:
            return None
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
        order = self.translators.for_source(wanted.order.source).translate(wanted.order.body)
        case = case_of(order, configuration)
        if case.terms is None or case.priced.missing_prices or case.priced.missing_taxes or case.priced.currency_problem:
            return None
        document = order_document(wanted.order, order, case.priced)
        return Consignment(wanted.delivery.delivery_id, token_of(wanted.delivery), document)


def _delivery(uow: UnitOfWork, path: str, company: str, subject: str, subject_id: int) -> Delivery:
    """The delivery that there is, else one as it would be made."""
    known = uow.deliveries.list(DeliveryFilter(integration=path, subject=subject, subject_id=subject_id), 0, 1)
    if known:
        return known[0]
    never = datetime.min.replace(tzinfo=UTC)
    return Delivery(
        delivery_id=0,
        integration=path,
        kind=path.split("/")[1],
        company=company,
        subject=subject,
        subject_id=subject_id,
        state=DeliveryState.PENDING,
        attempts=0,
        due_at=None,
        handed_over=False,
        resends=0,
        remote_id="",
        remote_url="",
        last_error="",
        next_step="",
        created_at=never,
        updated_at=never,
    )


def _hindrances(lane: LaneContext, wanted: _Wanted) -> Iterator[str]:
    integration, delivery = lane.integration, wanted.delivery
    if not integration.enabled:
        yield f"{integration.path} is not enabled."
    if integration.starting_from is not None and (wanted.dated is None or wanted.dated < integration.starting_from):
        yield f"{integration.path} starts with what is from {integration.starting_from.isoformat()} on."
    if delivery.delivery_id and delivery.state is not DeliveryState.PENDING:
        yield f"It has a delivery, dlv_{delivery.delivery_id}, which is {delivery.state}."
