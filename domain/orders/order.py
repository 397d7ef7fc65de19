"""An order as the order management system last reported it."""

from datetime import datetime
from decimal import Decimal

from domain.money import ZERO
from domain.parties import Party
from domain.value import value


@value
class OrderLine:
    """One item. Prices are ex tax; rates are fractions (0.2 is 20 %)."""

    ref: str
    sku: str
    description: str
    quantity: Decimal
    unit_cost_price: Decimal | None = None
    sale_vat_rate: Decimal | None = None
    tax_code: str = ""
    nominal_code: str = ""


@value
class Order:
    """One version of an order; keyed by (source, ref). Times are aware and in UTC.

    ``company_ref`` is the secondary company (the dropship connection) where the order has one, else the primary.
    """

    source: str
    ref: str
    company_ref: str
    lines: tuple[OrderLine, ...]
    external_ref: str = ""
    version: int | None = None
    updated_at: datetime | None = None
    status: int | None = None
    status_name: str = ""
    has_error: bool = False
    error_message: str = ""
    is_free_of_charge: bool = False
    created_at: datetime | None = None
    dispatched_at: datetime | None = None
    payment_status: str = ""
    currency: str = ""
    billing: Party = Party("")
    shipping: Party = Party("")
    shipping_method: str = ""
    shipping_price: Decimal = ZERO
    shipping_tax_rate: Decimal | None = None
