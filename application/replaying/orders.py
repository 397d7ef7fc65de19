"""Orders again: decided under the configuration in force, and owed to every integration that should have them or their invoices."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.configuration import Configuration
from application.invoicing import owe_documents
from application.judging import judge
from application.order_owing import BILLABLE, OrderOwing
from application.ports.destination import Destinations
from application.ports.documents import DocumentOfOrder
from application.ports.order_translator import OrderTranslators
from application.ports.orders import OrderFilter, StoredOrder
from application.ports.replays import Replay, Selection
from application.ports.unit_of_work import UnitOfWork
from application.replaying.step import Driven, of_ids
from domain.companies.integration import Integration
from domain.orders.order import Order


@dataclass(frozen=True, slots=True)
class ReplayOrders:
    """What is owed already stays as it is, so a full day again changes nothing that is right.

    An integration is owed documents issued since its ``starting_from``, or all of them where it has none: that is how a new
    integration is filled up with what was issued before it.
    """

    translators: OrderTranslators
    owing: OrderOwing
    destinations: Destinations

    def select(self, uow: UnitOfWork, wanted: Selection, after: int, limit: int) -> Sequence[int]:
        """By the arrival of their newest version."""
        if wanted.ids:
            return of_ids(wanted, after, limit)
        chosen = OrderFilter(wanted.company, wanted.decision, since=wanted.since, until=wanted.until)
        return [row.order_id for row in uow.orders.list(chosen, after, limit)]

    def drive(self, uow: UnitOfWork, ids: Sequence[int], _replay: Replay, now: datetime, but: Collection[int] = ()) -> Driven:
        """Judge, and owe."""
        configuration = uow.configurations.current()
        stored = uow.orders.lock_many(ids)
        judged = {each.order_id: str(judge(self._order(each), configuration, each.invoice_number)) for each in stored}
        open_ = [each for each in stored if not each.invoice_number]
        changed = [each for each in open_ if judged[each.order_id] != each.decision]
        uow.orders.set_decisions([(each.order_id, judged[each.order_id]) for each in open_], configuration.revision)
        orders = self._owe_orders(uow, configuration, [each for each in stored if judged[each.order_id] in BILLABLE], now)
        documents = self._owe_documents(
            uow, configuration, [each for each in uow.documents.of_orders(ids) if each.document_id not in but], now
        )
        lanes = tuple(sorted({*orders.lanes, *documents.lanes}))
        return Driven(len(changed) + orders.changed + documents.changed, lanes, documents.documents)

    def _order(self, stored: StoredOrder) -> Order:
        return self.translators.for_source(stored.source).translate(stored.body)

    def _owe_orders(self, uow: UnitOfWork, configuration: Configuration, billable: Sequence[StoredOrder], now: datetime) -> Driven:
        orders = [(each, self._order(each)) for each in billable]
        wanted = [(each.order_id, self.owing.wanted_by(configuration, order.company_ref, order.created_at)) for each, order in orders]
        count = self.owing.owe(uow, wanted, now)
        return Driven(count, tuple({path for _, paths in wanted for path in paths}) if count else ())

    def _owe_documents(self, uow: UnitOfWork, configuration: Configuration, documents: Sequence[DocumentOfOrder], now: datetime) -> Driven:
        count = 0
        lanes: set[str] = set()
        owed: set[int] = set()
        for document in documents:
            integrations = tuple(self._takers(configuration, document))
            new = owe_documents(uow, integrations, document.type.value, [document.document_id], now)
            if new:
                count += new
                lanes |= {integration.path for integration in integrations}
                owed.add(document.document_id)
        return Driven(count, tuple(lanes), frozenset(owed))

    def _takers(self, configuration: Configuration, document: DocumentOfOrder) -> Iterator[Integration]:
        for integration in configuration.integrations_of(document.company):
            has_started = integration.starting_from is None or integration.starting_from <= document.issued_at
            if integration.enabled and has_started and document.type.value in self.destinations.takes(integration):
                yield integration
