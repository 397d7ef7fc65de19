"""What stands for an order in each system, and what can be said of it (facts: accounting-apis, B2.8, B2.9, B3.6, B3.7)."""

from collections.abc import Mapping
from typing import Final

from domain.companies.flow import Flow, FlowDocument
from domain.companies.integration import Integration

ORDER, INVOICE, ESTIMATE = FlowDocument.ORDER, FlowDocument.INVOICE, FlowDocument.ESTIMATE
# By kind and document, the usual document first. Fortnox's orders do not know whether they are paid.
STATUSES: Final[Mapping[str, Mapping[FlowDocument, tuple[str, ...]]]] = {
    "fortnox": {
        ORDER: ("open", "sent", "invoiced", "cancelled"),
        INVOICE: ("draft", "booked", "sent", "unpaid", "paid", "cancelled"),
    },
    "jortt": {
        INVOICE: ("draft", "sent", "unpaid", "paid"),
        ESTIMATE: ("draft", "sent", "expired", "invoiced", "pending", "accepted", "rejected", "signed"),
    },
}


def document_of(flow: Flow, source: Integration) -> FlowDocument:
    """What the flow reads as an order: what it says, else what the integration writes where that is no matter of course."""
    known = STATUSES.get(source.kind, {ORDER: ()})
    if flow.document is not None:
        return flow.document
    return ESTIMATE if ESTIMATE in known and source.settings.get("document") == ESTIMATE else next(iter(known))
