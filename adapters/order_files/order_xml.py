"""An order as an XML file, in the structure of the Generic Filesystem integration (facts: seed-systems 1.4), with prices after it.

The elements are explained in ``docs/reference/order-xml.md``.
"""

from typing import Any

from adapters.order_files.figures import amount, number, rate
from adapters.order_files.order_fields import ASSET_FIELDS, ITEM_FIELDS, ORDER_FIELDS, as_text, attributes_of, groups_of, public_fields
from adapters.order_files.xml_document import finish, group, start, write_fields
from application.ports.destination import OrderDocument
from domain.invoicing.totals import Totals
from domain.orders.order import OrderLine
from domain.pricing.price_order import InvoiceLine, PricedOrder

PRICING_VERSION = "1"


def write_order_xml(document: OrderDocument) -> bytes:
    """The file of one billable order: UTF-8, the same bytes for the same order. Raises Invalid where our schema refuses it."""
    root = start("orders")
    order = group(root, "order")
    # The ref is what files and markers are named by, so it is the one that was read, whatever the message calls it.
    fields = {**document.fields, "ref": document.order.ref}
    write_fields(order, [("id", as_text(fields.get("id"))), *public_fields(fields, ORDER_FIELDS)])
    _write_items(group(order, "items"), groups_of(fields.get("items")))
    _write_pricing(group(order, "pricing", version=PRICING_VERSION), document)
    return finish(root)


def _write_items(parent: Any, items: list[Any]) -> None:
    for fields in items:
        item = group(parent, "item")
        write_fields(item, [("id", as_text(fields.get("id"))), *public_fields(fields, ITEM_FIELDS)])
        attributes = group(item, "attributes")
        for name, value in attributes_of(fields):
            write_fields(group(attributes, "attribute"), [("name", name), ("value", value)])
        assets = group(item, "assets")
        for asset in groups_of(fields.get("assets")):
            write_fields(group(assets, "asset"), [(name, as_text(asset.get(name))) for name in ASSET_FIELDS])


def _write_pricing(pricing: Any, document: OrderDocument) -> None:
    priced = document.priced
    write_fields(pricing, [("currency_code", priced.currency)])
    # Prices stand in the order of the lines, and the shipping after them where there is some.
    count = len(document.order.lines)
    lines = group(pricing, "lines")
    for line, price in zip(document.order.lines, priced.lines[:count], strict=True):
        _write_line(group(lines, "line"), line, price, priced.currency)
    for price in priced.lines[count:]:
        _write_shipping(group(pricing, "shipping"), price, priced)
    _write_totals(pricing, document.totals, priced.currency)


def _write_line(parent: Any, line: OrderLine, price: InvoiceLine, currency: str) -> None:
    named = [("item_ref", line.ref), ("sku", price.sku), ("description", price.description)]
    counted = [("quantity", number(price.quantity)), ("unit_price", number(price.unit_price)), ("net", amount(price.net, currency))]
    write_fields(parent, [*named, *counted, *_tax(price), ("nominal_code", price.nominal_code)])


def _write_shipping(parent: Any, price: InvoiceLine, priced: PricedOrder) -> None:
    write_fields(parent, [("description", price.description), ("net", amount(price.net, priced.currency)), *_tax(price)])


def _tax(price: InvoiceLine) -> list[tuple[str, str]]:
    return [("tax_category", price.tax.category.value), ("tax_rate", rate(price.tax.rate))]


def _write_totals(parent: Any, totals: Totals, currency: str) -> None:
    taxes = group(parent, "taxes")
    for row in totals.subtotals:
        named = [("category", row.category.value), ("rate", rate(row.rate))]
        write_fields(
            group(taxes, "tax"), [*named, ("net", amount(row.net, currency)), ("amount", amount(row.tax, currency)), ("reason", row.reason)]
        )
    sums = (("net", totals.net), ("tax", totals.tax), ("total", totals.total))
    write_fields(group(parent, "totals"), [(name, amount(value, currency)) for name, value in sums])
