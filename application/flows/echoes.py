"""What a source shows of our own writing: it is not taken up again, so flows in both directions do not loop.

A link tells it as soon as an effect was recorded; a delivery that is owed there tells it before the effect, through any crash between.
"""

from collections.abc import Iterable, Sequence

from application.ports.deliveries import Delivery, DeliveryFilter
from application.ports.source import SourceItem
from application.ports.unit_of_work import UnitOfWork
from domain.invoicing.document import DocumentType

_ORDER = "order"
_FEW = 100


def echoes(uow: UnitOfWork, scope: str, types: Iterable[str], kind: str, items: Iterable[SourceItem]) -> frozenset[str]:
    """The source's ids of what is ours among its records: what Billhook wrote there, or found there and wrote to."""
    known = list(items)
    ids = [item.remote_id for item in known]
    linked = {remote_id for type_ in types for remote_id in uow.remote_links.by_remote_id(scope, type_, ids)}
    return frozenset(
        linked | {item.remote_id for item in known if item.is_ours or (item.reference and _is_owed(uow, scope, kind, item.reference))}
    )


def _is_owed(uow: UnitOfWork, scope: str, kind: str, reference: str) -> bool:
    """Whether something of ours under this reference is owed to these books, or was delivered there."""
    rows: list[Delivery] = []
    for order in uow.orders.find(reference):
        rows += _deliveries(uow, _ORDER, order.order_id)
    for type_ in DocumentType:
        for stored in uow.documents.find(reference, type_):
            rows += _deliveries(uow, type_.value, stored.document_id)
    return any(row.kind == kind and _is_in(uow, scope, row.integration) for row in rows)


def _is_in(uow: UnitOfWork, scope: str, integration: str) -> bool:
    """The numbers of other books say nothing; an integration that is not connected may yet be to these."""
    connection = uow.connections.find(integration)
    return connection is None or not connection.organisation_id or scope.endswith(f":{connection.organisation_id}")


def _deliveries(uow: UnitOfWork, subject: str, subject_id: int) -> Sequence[Delivery]:
    return uow.deliveries.list(DeliveryFilter(subject=subject, subject_id=subject_id), 0, _FEW)
