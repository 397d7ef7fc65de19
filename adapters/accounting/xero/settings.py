"""The settings of a Xero integration (DESIGN 4.2), read once from a lane."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from application.ports.destination import LaneContext
from domain.companies.plan import BillTo

KIND = "xero"
# What an app made in 2026 may ask for and this adapter needs (facts: accounting-apis, B1.3).
DEFAULT_SCOPES = ("offline_access", "accounting.invoices", "accounting.contacts", "accounting.settings", "accounting.attachments")
TRACKED = "tracked"
_STATUSES = {"draft": "DRAFT", "submitted": "SUBMITTED", "authorised": "AUTHORISED"}


@dataclass(frozen=True, slots=True)
class XeroSettings:
    """Checked by the configuration's model; what is missing here has its default."""

    path: str
    is_tracked: bool
    sales_account: str
    cogs_account: str
    inventory_asset_account: str
    contact_name: str
    bills_customers: bool
    status: str
    sent_to_contact: bool
    tax_types: Mapping[str, str]
    rounding_tolerance: Decimal
    day_limit: int
    allow_backorders: bool
    attach_pdf: bool

    @property
    def is_authorised(self) -> bool:
        """Whether documents count in the books at once."""
        return self.status == "AUTHORISED"


def settings_of(lane: LaneContext) -> XeroSettings:
    """The settings of a lane's integration."""
    given = lane.integration.settings
    return XeroSettings(
        path=lane.integration.path,
        is_tracked=given.get("process_method") == TRACKED,
        sales_account=str(given.get("sales_account") or "200"),
        cogs_account=str(given.get("cogs_account") or ""),
        inventory_asset_account=str(given.get("inventory_asset_account") or ""),
        contact_name=str(given.get("contact_name") or ""),
        bills_customers=lane.company.plan.bill_to is BillTo.CUSTOMER,
        status=_STATUSES[str(given.get("invoice_status") or "authorised")],
        sent_to_contact=bool(given.get("sent_to_contact")),
        tax_types={str(key): str(value) for key, value in (given.get("tax_types") or {}).items()},
        rounding_tolerance=Decimal(str(given.get("rounding_tolerance", "0.05"))),
        day_limit=int(given.get("day_limit") or 1000),
        allow_backorders=bool(given.get("allow_backorders")),
        attach_pdf=bool(given.get("attach_pdf")),
    )
