"""A document as the plain texts that invoice.typ places: every figure is formatted here, nothing is computed there."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from adapters.documents.amounts import format_amount, format_date, format_quantity, format_rate, format_unit_price
from adapters.documents.country_names import country_name
from adapters.documents.fonts import families_for
from adapters.documents.printable import printable, wrappable
from domain.invoicing.document import DocumentType, Draft, Issued, OrderReference, Seller
from domain.money import ZERO
from domain.parties import Address, Party
from domain.pricing.line_tax import Category
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

# A longer description may be split over two pages: kept whole it could be taller than one.
_KEPT_WHOLE_MAX = 1500
# More orders than this are told by the headings of the table alone.
_ORDERS_NAMED_MAX = 3
# Where the postcode is written after the town: Leeds LS9 8AB, but 1015CC Amsterdam.
_TOWN_FIRST = frozenset("AU CA GB GG HK IE IM IN JE NZ SG TH US ZA".split())
_TITLES = {DocumentType.INVOICE: "Invoice", DocumentType.CREDIT_NOTE: "Credit note"}
_CATEGORIES = {
    Category.STANDARD: "",
    Category.ZERO_RATED: "zero rated",
    Category.EXEMPT: "exempt",
    Category.REVERSE_CHARGE: "reverse charge",
    Category.INTRA_COMMUNITY: "intra-Community supply",
    Category.EXPORT: "export",
    Category.OUTSIDE_SCOPE: "not subject to tax",
}
_IBAN_GROUP = 4

Rows = list[tuple[str, str]]


def printed(document: Issued, logo: str | None) -> dict[str, Any]:
    """All texts of the document (contents: Directive 2006/112/EC, Art. 226). ``logo`` is the name of its file."""
    draft = document.draft
    tax_name = "VAT" if draft.seller.vat_number else "Tax"
    is_invoice = draft.type is DocumentType.INVOICE
    return {
        "title": _TITLES[draft.type],
        "number": wrappable(document.display_number),
        "plain_number": printable(document.display_number),
        "author": printable(draft.seller.name),
        "families": families_for(draft.buyer.address.country),
        "logo": logo,
        "seller": _seller(draft.seller),
        "buyer": _buyer(draft.buyer),
        "buyer_label": "Billed to" if is_invoice else "Credited to",
        "facts": _facts(document),
        "columns": ["Description", "Quantity", "Unit price", tax_name, f"Net {draft.currency}"],
        "groups": _groups(draft),
        "tax_columns": [f"{tax_name} rate", f"Net {draft.currency}", f"{tax_name} {draft.currency}"],
        "taxes": _taxes(draft),
        "notes": _notes(draft),
        "totals": [
            ("Net total", format_amount(draft.totals.net, draft.currency)),
            (tax_name, format_amount(draft.totals.tax, draft.currency)),
        ],
        "total": ("Total due" if is_invoice else "Total credited", f"{draft.currency} {format_amount(draft.totals.total, draft.currency)}"),
        "payment": _payment(document) if is_invoice else [],
        "footer": wrappable(draft.seller.footer),
    }


def _seller(seller: Seller) -> dict[str, Any]:
    facts = [("VAT no.", seller.vat_number), ("Reg. no.", seller.registration_number), ("", seller.email), ("", seller.phone)]
    return {"name": wrappable(seller.name), "lines": _address(seller.address), "facts": _present(facts)}


def _buyer(buyer: Party) -> dict[str, Any]:
    lines = [wrappable(buyer.contact)] if buyer.contact and buyer.contact != buyer.name else []
    facts = [("VAT no.", buyer.vat_number), ("", buyer.email)]
    return {"name": wrappable(buyer.name), "lines": lines + _address(buyer.address), "facts": _present(facts)}


def _address(address: Address) -> list[str]:
    if address.country in _TOWN_FIRST:
        town = [" ".join(filter(None, (", ".join(filter(None, (address.city, address.region))), address.postcode)))]
    else:
        town = [" ".join(filter(None, (address.postcode, address.city))), address.region]
    lines = (address.line1, address.line2, *town, country_name(address.country))
    return [wrappable(line) for line in lines if line]


def _facts(document: Issued) -> Rows:
    draft = document.draft
    if draft.type is DocumentType.CREDIT_NOTE:
        rows = [
            ("Date", format_date(document.issued_on)),
            ("Corrects invoice", draft.corrects),
            ("Reason", draft.reason),
        ]
    else:
        rows = [
            ("Invoice date", format_date(document.issued_on)),
            ("Due date", format_date(document.due_on)),
            ("Payment terms", _terms(draft.payment_terms_days)),
        ]
    return _present([*rows, ("Currency", draft.currency), _orders(draft.orders), ("Dispatched", _only_dispatch(draft.orders))])


def _terms(days: int) -> str:
    if days == 0:
        return "Due on receipt"
    return f"{days} day" if days == 1 else f"{days} days"


def _orders(orders: Sequence[OrderReference]) -> tuple[str, str]:
    if len(orders) == 1:
        return ("Order", _order_name(orders[0]))
    if len(orders) <= _ORDERS_NAMED_MAX:
        return ("Orders", ", ".join(order.ref for order in orders))
    return ("Orders", f"{len(orders)}, see below")


def _only_dispatch(orders: Sequence[OrderReference]) -> str:
    """The day of supply where it is one for all; else each order's heading tells its own."""
    days = {order.dispatched_on for order in orders}
    day = days.pop() if len(days) == 1 else None
    return format_date(day) if day else ""


def _heading(order: OrderReference) -> str:
    dispatched = f", dispatched {format_date(order.dispatched_on)}" if order.dispatched_on else ""
    return f"Order {_order_name(order)}{dispatched}"


def _order_name(order: OrderReference) -> str:
    return f"{order.ref} / {order.external_ref}" if order.external_ref and order.external_ref != order.ref else order.ref


def _groups(draft: Draft) -> list[dict[str, Any]]:
    headings = {order.ref: _heading(order) for order in draft.orders}
    has_headings = len(draft.orders) > 1
    groups = []
    for ref, members in groupby(draft.lines, key=lambda line: line.order_ref):
        lines = list(members)
        net = sum((line.net for line in lines), ZERO)
        groups.append(
            {
                "title": wrappable(headings.get(ref, f"Order {ref}")) if has_headings else "",
                "net": format_amount(net, draft.currency),
                "lines": [_line(line, draft.currency) for line in lines],
            }
        )
    return groups


def _line(line: InvoiceLine, currency: str) -> dict[str, Any]:
    shows_sku = line.sku not in {SHIPPING_SKU, line.description}
    return {
        "description": wrappable(line.description),
        "sku": wrappable(line.sku) if shows_sku else "",
        "quantity": format_quantity(line.quantity),
        "unit_price": format_unit_price(line.unit_price, currency),
        "rate": _rate(line.tax.category, line.tax.rate),
        "net": format_amount(line.net, currency),
        "breakable": len(line.description) + len(line.sku) > _KEPT_WHOLE_MAX,
    }


def _rate(category: Category, rate: Any) -> str:
    # Category O has no rate at all, which is not the same as a rate of zero (EN 16931, BR-O-05).
    return "\u2013" if category is Category.OUTSIDE_SCOPE else format_rate(rate)


def _taxes(draft: Draft) -> list[tuple[str, str, str]]:
    return [
        (
            " ".join(filter(None, (_rate(row.category, row.rate), _CATEGORIES[row.category]))),
            format_amount(row.net, draft.currency),
            format_amount(row.tax, draft.currency),
        )
        for row in draft.totals.subtotals
    ]


def _notes(draft: Draft) -> list[str]:
    reasons = dict.fromkeys(row.reason for row in draft.totals.subtotals if row.reason)
    return [f"{wrappable(reason)}." if not reason.endswith(".") else wrappable(reason) for reason in reasons]


def _payment(document: Issued) -> Rows:
    bank = document.draft.seller.bank
    rows = [
        ("Bank", bank.name),
        ("IBAN", _grouped(bank.iban)),
        ("BIC", bank.bic),
        ("Account number", bank.account_number),
        ("Sort code", bank.sort_code),
    ]
    present = _present(rows)
    return (
        [*present, *_present([("Account holder", document.draft.seller.name), ("Reference", document.display_number)])] if present else []
    )


def _grouped(iban: str) -> str:
    compact = iban.replace(" ", "")
    return " ".join(compact[start : start + _IBAN_GROUP] for start in range(0, len(compact), _IBAN_GROUP))


def _present(rows: Iterable[tuple[str, str]]) -> Rows:
    return [(name, wrappable(value)) for name, value in rows if value]
