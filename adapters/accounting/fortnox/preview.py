"""What would be sent, for people."""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.accounting import exact_json
from adapters.accounting.fortnox.customer_fields import customer_fields
from adapters.accounting.fortnox.documents import Written, told
from adapters.accounting.fortnox.overrides import Overrides
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import FortnoxSettings


def previewed(sale: Sale, settings: FortnoxSettings, written: Written, overrides: Overrides, *, customer_known: bool) -> str:
    """The calls with their bodies, and the figures on both sides."""
    parts = [] if customer_known else [_call("/customers", "Customer", overrides.on_customer(customer_fields(sale)))]
    parts.append(_call(f"/{sale.resource.name}", sale.resource.wrapper, written.body))
    if settings.is_sent:
        parts.append(f"Then it is sent: {settings.send_method}.")
    if sale.is_credit:
        parts.append(f"Where {sale.corrects} is booked in Fortnox and credited as a whole, Fortnox is asked to credit it itself instead.")
    parts.append(f"Here: {told(sale.totals, sale.sign)}.\nFortnox will come to: {written.sums}, before any rounding to whole kronor.")
    return "\n\n".join(parts) + "\n"


def _call(path: str, wrapper: str, fields: Mapping[str, Any]) -> str:
    pretty = msgspec.json.format(exact_json.dumps({wrapper: fields}), indent=2).decode()
    return f"POST {path}\n{pretty}"
