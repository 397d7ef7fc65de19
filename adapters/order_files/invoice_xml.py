"""An invoice or credit note as an XML file. The elements are explained in ``docs/reference/order-xml.md``."""

from typing import Any

from adapters.order_files.figures import amount, day, number, rate
from adapters.order_files.xml_document import finish, group, start, write_fields
from domain.invoicing.document import Draft, Issued, Seller
from domain.parties import Address, Party
from domain.pricing.price_order import InvoiceLine

VERSION = "1"


def write_invoice_xml(document: Issued) -> bytes:
    """The file of one issued document: UTF-8, the same bytes for the same document. Raises Invalid where our schema refuses it."""
    draft = document.draft
    root = start("invoice", version=VERSION)
    _write_header(group(root, "header"), document)
    _write_seller(group(root, "seller"), draft.seller)
    _write_buyer(group(root, "buyer"), draft.buyer)
    orders = group(root, "orders")
    for order in draft.orders:
        dispatched_on = ("dispatched_on", day(order.dispatched_on))
        write_fields(group(orders, "order"), [("ref", order.ref), ("external_ref", order.external_ref), dispatched_on])
    lines = group(root, "lines")
    for line in draft.lines:
        _write_line(group(lines, "line"), line, draft.currency)
    _write_totals(root, draft)
    return finish(root)


def _write_header(parent: Any, document: Issued) -> None:
    draft = document.draft
    write_fields(
        parent,
        [
            ("type", draft.type.value),
            ("number", document.display_number),
            ("series_number", str(document.number)),
            ("issued_on", day(document.issued_on)),
            ("due_on", day(document.due_on)),
            ("payment_terms_days", str(draft.payment_terms_days)),
            ("currency_code", draft.currency),
            ("company_ref", draft.company),
            ("corrects", draft.corrects),
            ("reason", draft.reason),
        ],
    )


def _write_seller(parent: Any, seller: Seller) -> None:
    write_fields(parent, [("ref", seller.ref), ("name", seller.name)])
    _write_address(parent, seller.address)
    numbers = [("vat_number", seller.vat_number), ("registration_number", seller.registration_number)]
    write_fields(parent, [*numbers, ("email", seller.email), ("phone", seller.phone)])
    bank = seller.bank
    names = [("name", bank.name), ("iban", bank.iban), ("bic", bank.bic)]
    write_fields(group(parent, "bank"), [*names, ("account_number", bank.account_number), ("sort_code", bank.sort_code)])


def _write_buyer(parent: Any, buyer: Party) -> None:
    write_fields(parent, [("name", buyer.name), ("contact", buyer.contact)])
    _write_address(parent, buyer.address)
    write_fields(parent, [("vat_number", buyer.vat_number), ("email", buyer.email)])


def _write_address(parent: Any, address: Address) -> None:
    lines = [("line1", address.line1), ("line2", address.line2), ("city", address.city)]
    write_fields(
        group(parent, "address"), [*lines, ("postcode", address.postcode), ("region", address.region), ("country", address.country)]
    )


def _write_line(parent: Any, line: InvoiceLine, currency: str) -> None:
    named = [("order_ref", line.order_ref), ("sku", line.sku), ("description", line.description)]
    counted = [("quantity", number(line.quantity)), ("unit_price", number(line.unit_price)), ("net", amount(line.net, currency))]
    tax = [("tax_category", line.tax.category.value), ("tax_rate", rate(line.tax.rate))]
    write_fields(parent, [*named, *counted, *tax, ("nominal_code", line.nominal_code)])


def _write_totals(parent: Any, draft: Draft) -> None:
    taxes = group(parent, "taxes")
    for row in draft.totals.subtotals:
        sums = [("net", amount(row.net, draft.currency)), ("amount", amount(row.tax, draft.currency))]
        write_fields(group(taxes, "tax"), [("category", row.category.value), ("rate", rate(row.rate)), *sums, ("reason", row.reason)])
    named = (("net", draft.totals.net), ("tax", draft.totals.tax), ("total", draft.totals.total))
    write_fields(group(parent, "totals"), [(name, amount(value, draft.currency)) for name, value in named])
