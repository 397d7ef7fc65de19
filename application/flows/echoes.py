"""What a source shows of our own writing: it is not taken up again, so flows in both directions do not loop.

A link tells it as soon as an effect was recorded; a delivery that is owed there tells it before the effect, through any crash between.
"""

from collections.abc import Iterable

from application.ports.deliveries import DeliveryFilter
from application.ports.source import Source, SourceItem
from application.ports.unit_of_work import UnitOfWork
from domain.companies.flow import Conflict, FlowObject
from domain.invoicing.document import DocumentType

_ORDER = "order"
_FEW = 100


def echoes(uow: UnitOfWork, scope: str, types: Iterable[str], kind: str, items: Iterable[SourceItem]) -> frozenset[str]:
    """The source's ids of what is ours among its records."""
    known = list(items)
    ids = [item.remote_id for item in known]
    linked = {remote_id for type_ in types for remote_id in uow.remote_links.by_remote_id(scope, type_, ids)}
    return frozenset(
        linked | {item.remote_id for item in known if item.is_ours or (item.reference and _is_owed(uow, kind, item.reference))}
    )


def types_of(source: Source, what: FlowObject, conflicts: Conflict) -> tuple[str, ...]:
    """A customer that Billhook wrote or matched there is linked; where the source's word counts, what people change in it is news."""
    return () if what is FlowObject.CUSTOMERS and conflicts is Conflict.SOURCE else source.link_types(what)


def _is_owed(uow: UnitOfWork, kind: str, reference: str) -> bool:
    """Whether something of ours under this reference is owed to an integration of that kind, or was delivered there."""
    for order in uow.orders.find(reference):
        if _has_delivery(uow, kind, _ORDER, order.order_id):
            return True
    return any(
        _has_delivery(uow, kind, type_.value, stored.document_id)
        for type_ in DocumentType
        for stored in uow.documents.find(reference, type_)
    )


def _has_delivery(uow: UnitOfWork, kind: str, subject: str, subject_id: int) -> bool:
    rows = uow.deliveries.list(DeliveryFilter(subject=subject, subject_id=subject_id), 0, _FEW)
    return any(row.kind == kind for row in rows)
