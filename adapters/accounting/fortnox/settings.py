"""The settings of a Fortnox integration (DESIGN 4.2), read once from a lane."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS, invoice_source_of, source_of
from application.ports.destination import LaneContext, OrderDocument
from domain.invoicing.document import Issued
from domain.mapping.field_map import FieldMap, parse_field_map

KIND = "fortnox"
ORDER, SENT = "order", "sent"
CREATED, FALLBACK, NO_ARTICLES = "create", "fallback", "none"
# Öres- och kronutjämning, in every Swedish chart of accounts (BAS).
ROUNDING_ACCOUNT = 3740
EMAIL, PRINT, NOBODY = "email", "print", "none"


@dataclass(frozen=True, slots=True)
class FortnoxSettings:
    """Checked by the configuration's model; what is missing here has its default.

    ``articles`` says what becomes of an article that Fortnox has not: it is created, or ``fallback_article`` stands in, or no row names
    one at all. ``payment_terms`` goes from days to Fortnox's code, ``payment_methods`` from an order's payment type to the same codes.
    ``currency_rates`` are kronor for one unit; a currency that is not in it has the rate of Fortnox's register. ``read`` gives what
    ``field_map`` reads of a document.
    """

    path: str
    is_order: bool
    is_sent: bool
    send_method: str
    default_customer: str
    articles: str
    fallback_article: str
    payment_terms: Mapping[str, str]
    payment_methods: Mapping[str, str]
    currency_rates: Mapping[str, Decimal]
    rounding_tolerance: Decimal
    rounding_account: int
    field_map: FieldMap | None
    read: Callable[[Issued | OrderDocument], Mapping[str, Any]]


def settings_of(lane: LaneContext) -> FortnoxSettings:
    """The settings of a lane's integration."""
    given = lane.integration.settings
    is_order = given.get("document") == ORDER
    declared = given.get("field_map")
    fallback = str(given.get("fallback_article") or "")
    return FortnoxSettings(
        path=lane.integration.path,
        is_order=is_order,
        is_sent=given.get("status") == SENT,
        send_method=str(given.get("send_method") or EMAIL),
        default_customer=str(given.get("default_customer") or ""),
        articles=str(given.get("articles") or (FALLBACK if fallback else CREATED)),
        fallback_article=fallback,
        payment_terms=_table(given.get("payment_terms")),
        payment_methods=_table(given.get("payment_methods")),
        currency_rates={code: Decimal(rate) for code, rate in _table(given.get("currency_rates")).items()},
        rounding_tolerance=Decimal(str(given.get("rounding_tolerance", "0.05"))),
        rounding_account=int(given.get("rounding_account") or ROUNDING_ACCOUNT),
        field_map=parse_field_map(declared, roots=ORDER_ROOTS if is_order else INVOICE_ROOTS) if declared else None,
        read=source_of if is_order else partial(invoice_source_of, lane=lane),
    )


def _table(given: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in (given or {}).items()}
