"""The invoicing plan of a company: what to invoice, to whom, how and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.companies.schedule import Schedule
from domain.orders.status import DISPATCHED_FAMILY


class BillTo(StrEnum):
    """Whose name is on the invoice: the company's, or the end customer's."""

    COMPANY = "company"
    CUSTOMER = "customer"


class Layout(StrEnum):
    """One invoice for all eligible orders, or one for each (seed facts 1.2)."""

    COMBINED = "combined"
    INDIVIDUAL = "individual"


@dataclass(frozen=True, slots=True)
class Plan:
    """When and how a company is invoiced. Without a schedule: within the hour, then Sundays 00:00 (seed 002).

    ``starting_from`` and ``next_invoice_at`` are aware; a date in the configuration means its start in ``timezone``.
    """

    enabled: bool = True
    starting_from: datetime | None = None
    include_orders_with_errors: bool = False
    bill_to: BillTo = BillTo.COMPANY
    layout: Layout = Layout.COMBINED
    schedule: Schedule | None = None
    next_invoice_at: datetime | None = None
    payment_terms_days: int = 30
    orders_per_invoice_max: int = 500
    billable_statuses: tuple[str, ...] = DISPATCHED_FAMILY
    payment_statuses: tuple[str, ...] = ()
    timezone: str = "UTC"
