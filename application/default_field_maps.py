"""The field maps of hand-offs that declare none of their own, in the same form as a declared one.

No partner's page tells which fields Promotional Office and Net Digitizing want (facts: seed-systems 4), so theirs are the names
of the order message and of the issued document. That of MWW is its public order API: one order, with what it is made of
included.
"""

from collections.abc import Mapping
from typing import Any, Final

_LINES: Final = {
    "lines[].sku": "lines[].sku",
    "lines[].description": "lines[].description",
    "lines[].quantity": "lines[].quantity",
    "lines[].unit_price": "lines[].unit_price",
    "lines[].net": "lines[].net",
    "lines[].tax_rate": "lines[].tax_rate",
}
_TOTALS: Final = {"currency": "totals.currency", "net": "totals.net", "tax": "totals.tax", "total": "totals.total"}

ORDER: Final[Mapping[str, Any]] = {
    "ref": {"from": "order.ref", "required": True},
    "external_ref": "order.external_ref",
    "ordered_at": "order.creation_datetime",
    "shipping_method": "order.shipping_method",
    "ship_to.company": "order.shipping_company",
    "ship_to.name": "order.customer_name",
    "ship_to.address_1": "order.shipping_address_1",
    "ship_to.address_2": "order.shipping_address_2",
    "ship_to.city": "order.shipping_city",
    "ship_to.postcode": "order.shipping_postcode",
    "ship_to.country_code": "order.shipping_country_code",
    **_LINES,
    "shipping_price": "shipping.net",
    **_TOTALS,
}

INVOICE: Final[Mapping[str, Any]] = {
    "ref": {"from": "invoice.number", "required": True},
    "type": "invoice.type",
    "corrects": "invoice.corrects",
    "issued_on": "invoice.issued_on",
    "due_on": "invoice.due_on",
    "seller.name": "seller.name",
    "seller.vat_number": "seller.vat_number",
    "buyer.name": "buyer.name",
    "buyer.vat_number": "buyer.vat_number",
    "orders[]": "orders[].ref",
    "lines[].order_ref": "lines[].order_ref",
    **_LINES,
    **_TOTALS,
}

# https://mwwondemand.github.io/ "Submit Order"; the types below `included` are those of its resources.
MWW_ORDER: Final[Mapping[str, Any]] = {
    "data.type": {"value": "orders"},
    "data.attributes.vendor-po": {"from": "order.ref", "required": True},
    "data.attributes.shipping-method": {"from": "order.shipping_method", "required": True},
    "included.shipping-address.name": {"from": ["order.customer_name", "order.shipping_company"], "functions": ["first"], "required": True},
    "included.shipping-address.address1": {"from": "order.shipping_address_1", "required": True},
    "included.shipping-address.address2": "order.shipping_address_2",
    "included.shipping-address.city": {"from": "order.shipping_city", "required": True},
    "included.shipping-address.state": "order.shipping_state",
    "included.shipping-address.postal-code": "order.shipping_postcode",
    "included.shipping-address.country": {"from": "order.shipping_country_code", "required": True},
    "included.shipping-address.email": "order.customer_email",
    "included.shipping-address.phone": "order.customer_telephone",
    "included.line-items[].product-code": {"from": "lines[].sku", "required": True},
    "included.line-items[].description": "lines[].description",
    "included.line-items[].quantity": {"from": "lines[].quantity", "functions": ["whole"]},
}


def default_field_map(kind: str, document: str) -> Mapping[str, Any]:
    """The map of a kind for ``order`` or ``invoice``; empty where the kind has none, and a declaration needs one of its own."""
    if kind == "mww":
        return MWW_ORDER if document == "order" else {}
    return ORDER if document == "order" else INVOICE
