"""The destinations that are built in, by kind."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from application.order_owing import ORDER
from application.ports.destination import Destination, LaneContext
from domain.companies.integration import Integration
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class DestinationKind:
    """What an integration of a kind takes (invoice, credit_note, order), what a resend does there, and how a connection is opened."""

    takes: Callable[[Integration], frozenset[str]]
    resent: str
    open: Callable[[LaneContext], AbstractContextManager[Destination]]


def takes_documents(_integration: Integration) -> frozenset[str]:
    """Invoices and credit notes."""
    return frozenset({"invoice", "credit_note"})


def takes_orders(_integration: Integration) -> frozenset[str]:
    """Orders."""
    return frozenset({ORDER})


def takes_orders_or_invoices(integration: Integration) -> frozenset[str]:
    """As the setting ``document`` says; orders where it says nothing."""
    return takes_documents(integration) if integration.settings.get("document") == "invoice" else frozenset({ORDER})


class BuiltInDestinations:
    """The port ``Destinations``: a new kind is one more entry of one of the mappings."""

    def __init__(self, *by_kind: Mapping[str, DestinationKind]) -> None:
        self._by_kind = {kind: entry for mapping in by_kind for kind, entry in mapping.items()}

    def takes(self, integration: Integration) -> frozenset[str]:
        """The subjects an integration takes."""
        kind = self._by_kind.get(integration.kind)
        return kind.takes(integration) if kind else frozenset()

    def resent(self, integration: Integration) -> str:
        """What sending a delivered document again does there."""
        kind = self._by_kind.get(integration.kind)
        return kind.resent if kind else ""

    def open(self, lane: LaneContext) -> AbstractContextManager[Destination]:
        """A connection for one lane."""
        kind = self._by_kind.get(lane.integration.kind)
        if kind is None:
            raise DomainError(
                "kind_unknown",
                f"This version of Billhook knows no integration of kind {lane.integration.kind!r}.",
                "Run the version that does, or remove the integration.",
            )
        return kind.open(lane)
