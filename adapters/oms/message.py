"""The order message of the Kornit X order API with our additions (DESIGN 4.1; facts: seed-systems 2.3 and 2.4).

These types say which fields are read and how they may be written. All other fields are allowed and ignored; they stay in the
stored body, where a field mapper finds them. A field that is absent and one that is null mean the same.
"""

from typing import Any

import msgspec

# Ids and texts come as strings or as whole numbers (an id, a postcode, a telephone number).
Text = str | int | None
Flag = bool | int | str | None
# Checked by `values.number`. Not a typed number: a decimal must reach it digit by digit, never as a float.
Number = Any


class ItemMessage(msgspec.Struct, gc=False):
    """One element of ``items``."""

    id: Text = None
    ref: Text = None
    sku: Text = None
    description: Text = None
    quantity: Number = None
    unit_cost_price: Number = None
    sale_vat_rate: Number = None
    tax_code: Text = None
    nominal_code: Text = None


class OrderMessage(msgspec.Struct, gc=False):
    """One order."""

    id: Text = None
    ref: Text = None
    external_ref: Text = None
    company_ref_id: Text = None
    secondary_company_ref_id: Text = None
    version: Number = None
    updated_at: str | None = None
    status: Text = None
    status_name: Text = None
    has_error: Flag = None
    error_message: Text = None
    is_free_of_charge: Flag = None
    sale_datetime: str | None = None
    creation_datetime: str | None = None
    dispatch_datetime: str | None = None
    payment_status: Text = None
    currency_code: Text = None
    customer_name: Text = None
    customer_email: Text = None
    billing_company: Text = None
    billing_customer_name: Text = None
    billing_customer_email: Text = None
    billing_vat_number: Text = None
    billing_address_1: Text = None
    billing_address_2: Text = None
    billing_address_3: Text = None
    billing_address_4: Text = None
    billing_address_5: Text = None
    billing_postcode: Text = None
    billing_city: Text = None
    billing_country: Text = None
    billing_country_code: Text = None
    shipping_company: Text = None
    shipping_address_1: Text = None
    shipping_address_2: Text = None
    shipping_address_3: Text = None
    shipping_address_4: Text = None
    shipping_address_5: Text = None
    shipping_postcode: Text = None
    shipping_city: Text = None
    shipping_country: Text = None
    shipping_country_code: Text = None
    shipping_method: Text = None
    shipping_price: Number = None
    shipping_price_inc_tax: Number = None
    shipping_tax_rate: Number = None
    items: list[ItemMessage] | None = None
