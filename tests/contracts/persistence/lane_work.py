"""A worker's steps on the delivery store, each in a unit of work of its own, and what the store then holds."""

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Change, Delivery, DeliveryFilter, Lease, Owed
from tests.contracts.persistence.stock import MAILER, NOW, seconds

LATER = NOW + seconds(60)
OTHER = "501/xero"


def owe(units_of_work: SqlUnitsOfWork, *subject_ids: int, integration: str = MAILER, at: object = NOW) -> None:
    """Owe invoices of these ids."""
    with units_of_work() as uow:
        uow.deliveries.owe([Owed(integration, "invoice", id_) for id_ in subject_ids], at)  # type: ignore[arg-type]
        uow.commit()


def take(units_of_work: SqlUnitsOfWork, integration: str = MAILER, at: object = NOW, until: object = LATER) -> Lease:
    """The lease of a lane, which must be free."""
    with units_of_work() as uow:
        lease = uow.deliveries.take_lease(integration, "worker", at, until)  # type: ignore[arg-type]
        uow.commit()
    assert lease is not None
    return lease


def claim(units_of_work: SqlUnitsOfWork, lease: Lease, limit: int = 10) -> list[Delivery]:
    """Claim what is due at NOW."""
    with units_of_work() as uow:
        claimed = uow.deliveries.claim(lease, NOW, limit)
        uow.commit()
    return list(claimed)


def settle(units_of_work: SqlUnitsOfWork, lease: Lease, *changes: Change, at: object = NOW) -> bool:
    """Record outcomes; whether the lease still holds."""
    with units_of_work() as uow:
        settled = uow.deliveries.settle(lease, changes, at)  # type: ignore[arg-type]
        uow.commit()
    return settled


def hand_over(units_of_work: SqlUnitsOfWork, lease: Lease, *deliveries: Delivery) -> bool:
    """Mark as handed over; whether the lease still holds."""
    with units_of_work() as uow:
        handed_over = uow.deliveries.mark_handed_over(lease, [delivery.delivery_id for delivery in deliveries])
        uow.commit()
    return handed_over


def every(units_of_work: SqlUnitsOfWork) -> list[Delivery]:
    """All deliveries, by id."""
    with units_of_work() as uow:
        return list(uow.deliveries.list(DeliveryFilter(), 0, 100))


def states(units_of_work: SqlUnitsOfWork) -> list[str]:
    """The state of each, by id."""
    return [delivery.state.value for delivery in every(units_of_work)]
