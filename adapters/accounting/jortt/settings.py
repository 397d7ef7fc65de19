"""The settings of a jortt integration (DESIGN 4.2), read once from a lane."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS, invoice_source_of, source_of
from application.ports.destination import LaneContext, OrderDocument
from domain.companies.plan import BillTo
from domain.invoicing.document import Issued
from domain.mapping.field_map import FieldMap, parse_field_map
from domain.parties import Party

KIND = "jortt"
INVOICE, ORDER, ESTIMATE = "invoice", "order", "estimate"
EMAIL, PEPPOL = "email", "peppol"


@dataclass(frozen=True, slots=True)
class JorttSettings:
    """Checked by the configuration's model; what is missing here has its default.

    ``document`` invoice: each issued invoice and credit note; order: each order as a draft invoice; estimate: each order as an estimate.
    ``read`` gives what ``field_map`` reads of a document.
    """

    path: str
    document: str
    is_sent: bool
    send_method: str
    default_customer: str
    rounding_tolerance: Decimal
    mail_subject: str
    mail_body: str
    seller: str
    bills_customers: bool
    company: Party
    path_prefix: str
    field_map: FieldMap | None
    read: Callable[[Issued | OrderDocument], Mapping[str, Any]]

    @property
    def takes_orders(self) -> bool:
        """Whether orders are delivered, not issued documents."""
        return self.document in {ORDER, ESTIMATE}

    @property
    def is_mailed(self) -> bool:
        """Whether jortt mails what it sends."""
        return self.is_sent and self.send_method == EMAIL


def settings_of(lane: LaneContext) -> JorttSettings:
    """The settings of a lane's integration."""
    given = lane.integration.settings
    document = str(given.get("document") or INVOICE)
    declared = given.get("field_map")
    return JorttSettings(
        path=lane.integration.path,
        document=document,
        is_sent=given.get("status") == "sent",
        send_method=str(given.get("send_method") or "self"),
        default_customer=str(given.get("default_customer") or "").strip(),
        rounding_tolerance=Decimal(str(given.get("rounding_tolerance", "0.01"))),
        mail_subject=str(given.get("mail_subject") or ""),
        mail_body=str(given.get("mail_body") or ""),
        seller=lane.seller.name,
        bills_customers=lane.company.plan.bill_to is BillTo.CUSTOMER,
        company=lane.company.party,
        path_prefix=str(given.get("path_prefix") or "/v3"),
        field_map=parse_field_map(declared, roots=INVOICE_ROOTS if document == INVOICE else ORDER_ROOTS) if declared else None,
        read=partial(invoice_source_of, lane=lane) if document == INVOICE else source_of,
    )
