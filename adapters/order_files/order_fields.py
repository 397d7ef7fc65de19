"""The public fields of an order and of its items, in the order in which they are written (facts: seed-systems 1.4 and 2.3)."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

ORDER_FIELDS = tuple(
    """
    company_ref_id ref
    shipping_address_1 shipping_address_2 shipping_address_3 shipping_address_4 shipping_address_5
    shipping_postcode shipping_country shipping_country_code
    billing_address_1 billing_address_2 billing_address_3 billing_address_4 billing_address_5
    billing_postcode billing_country
    customer_name external_ref shipping_method customer_email
    secondary_company_ref_id company_external_ref status status_name
    shipping_company shipping_city billing_company billing_city billing_country_code billing_vat_number
    billing_customer_name billing_customer_email billing_customer_telephone
    customer_telephone customer_telephone_mobile
    sale_datetime creation_datetime dispatch_datetime completion_datetime required_dispatch_date
    has_been_completed has_error error_message is_urgent is_free_of_charge
    shipping_carrier shipping_tracking shipping_note_url shipping_price shipping_price_inc_tax shipping_tax_rate
    payment_type payment_trans_id payment_status coupon_code currency_code additional_info version
    """.split()
)
ITEM_FIELDS = tuple(
    """
    order_id external_ref ref sku mapped_sku product_id description colour size quantity quantity_dispatched quantity_cancelled
    type status print_job_id print_on_demand_ref external_url external_thumbnail_url bundle_ref
    unit_cost_price unit_sale_price unit_sale_price_inc_tax sale_vat_rate tax_code nominal_code
    """.split()
)
ASSET_FIELDS = ("name", "url", "description")
_NO_DAY = "0000-00-00"


def public_fields(fields: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Those of the names that the message has, as text; a null is an empty text."""
    return ((name, as_text(fields[name])) for name in names if name in fields)


def as_text(value: Any) -> str:
    """A value of a message as text; nothing for null and for the zero date, JSON for what is no single value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value.startswith(_NO_DAY) else value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def attributes_of(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values; they come as an object, or as a list of objects with ``name`` and ``value``."""
    attributes = item.get("attributes")
    if isinstance(attributes, Mapping):
        yield from ((as_text(name), as_text(value)) for name, value in attributes.items())
    for attribute in groups_of(attributes):
        yield as_text(attribute.get("name")), as_text(attribute.get("value"))


def groups_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; anything else in it, or in its place, has no fields to write."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
