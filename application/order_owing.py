"""Orders owed to integrations that take orders: each once, as soon as the order may be invoiced."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from application.configuration import Configuration
from application.ports.deliveries import Owed
from application.ports.destination import Destinations
from application.ports.orders import OrderVersion
from application.ports.unit_of_work import UnitOfWork
from domain.companies.flow import flow_of
from domain.invoicing.decision import Decision

ORDER = "order"
CUSTOMER = "customer"
# An order that passes every rule, or has passed them before.
BILLABLE = frozenset({Decision.DUE, Decision.INVOICED, Decision.CHANGED_AFTER_INVOICE})


@dataclass(frozen=True, slots=True)
class OrderOwing:
    """Decides which integrations of a company are owed an order (seed facts 1.4: sent once dispatched, one file per order)."""

    destinations: Destinations

    def owed_to(self, configuration: Configuration, version: OrderVersion) -> tuple[str, ...]:
        """Paths of the integrations that a version of an order is owed to, as it was decided; of a flow's order the flow's target."""
        if version.decision == Decision.FROM_FLOW:
            flow = configuration.flows.get(flow_of(version.source))
            return (flow.target,) if flow else ()
        return self.wanted_by(configuration, version.company_ref, version.created_at) if version.decision in BILLABLE else ()

    def wanted_by(self, configuration: Configuration, company: str, created_at: datetime | None) -> tuple[str, ...]:
        """Paths of the company's enabled integrations that take orders and had started when the order was created."""
        return tuple(
            integration.path
            for integration in configuration.integrations_of(company)
            if integration.enabled
            and ORDER in self.destinations.takes(integration)
            and (integration.starting_from is None or (created_at is not None and integration.starting_from <= created_at))
        )

    def owe(self, uow: UnitOfWork, owed: Iterable[tuple[int, tuple[str, ...]]], now: datetime) -> int:
        """Record what is owed: order ids with the integrations that want them. A pair that is there already stays.

        Returns how many are owed that were not before.
        """
        pairs = [Owed(path, ORDER, order_id) for order_id, paths in owed for path in paths]
        return uow.deliveries.owe(pairs, now) if pairs else 0
