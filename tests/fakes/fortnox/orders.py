"""Orders: what is delivered of them becomes one invoice."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.fakes.fortnox import invoices
from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.documents import changed, day, drafted, kept, numbered, summed
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_there
from tests.fakes.fortnox.fields import ORDER, Document
from tests.fakes.fortnox.listing import ListShape

RESOURCE = "orders"
_LISTED = (
    "@url Cancelled Currency CustomerName CustomerNumber DeliveryDate DocumentNumber ExternalInvoiceReference1 "
    "ExternalInvoiceReference2 OrderDate OrderType Project Sent Total"
).split()


def create(company: Company, asked: Mapping[str, Any]) -> Kept:
    """POST /3/orders. A row without ``DeliveredQuantity`` has nothing delivered."""
    document = drafted(company, ORDER, asked.get("CustomerNumber"))
    document["OrderDate"] = company.today().isoformat()
    document["EmailInformation"]["EmailSubject"] = "Order {no} bifogas"
    _change(company, document, asked)
    number = numbered(company, RESOURCE, document, asked)
    document["OutboundDate"] = document["OrderDate"]
    return kept(company, RESOURCE, number, document, "created")


def change(company: Company, number: str, asked: Mapping[str, Any]) -> Kept:
    """PUT: only the fields that are named; rows, where named, are the full truth and get new ids."""
    document = _open(company, number)
    _change(company, document, asked)
    return kept(company, RESOURCE, number, document, "changed")


def get(company: Company, number: str) -> Kept:
    """GET of one."""
    if number not in company.orders:
        raise not_there(RESOURCE)
    return company.orders[number]


def cancel(company: Company, number: str) -> Kept:
    """PUT /cancel: not once it is invoiced."""
    document = _open(company, number) | {"Cancelled": True}
    return kept(company, RESOURCE, number, document, "cancelled")


def create_invoice(company: Company, number: str) -> Kept:
    """PUT /createinvoice: the invoice comes back, and the order names it."""
    document = _open(company, number)
    invoice = invoices.from_order(company, document)
    document["InvoiceReference"] = invoice["DocumentNumber"]
    kept(company, RESOURCE, number, document, "invoiced")
    return invoice


def mark_sent(company: Company, number: str, kind: str) -> Kept:
    """After mailing or printing."""
    document = copy.deepcopy(dict(get(company, number))) | {"Sent": True}
    return kept(company, RESOURCE, number, document, kind)


def _change(company: Company, document: Document, asked: Mapping[str, Any]) -> None:
    changed(company, document, asked, ORDER, "OrderRows")
    for name in ("OrderDate", "DeliveryDate"):
        if document[name]:
            day(document[name], name)
    summed(company, document, "OrderRows", "OrderedQuantity")


def _open(company: Company, number: str) -> Document:
    document = copy.deepcopy(dict(get(company, number)))
    if document["Cancelled"]:
        raise Refused(UNDOCUMENTED, "Ordern är makulerad.")
    if document["InvoiceReference"] != "0":
        raise Refused(UNDOCUMENTED, "Ordern är redan fakturerad.")
    return document


def _item(order: Kept) -> dict[str, Any]:
    return {name: order[name] for name in _LISTED}


LIST = ListShape(
    "Orders",
    RESOURCE,
    _item,
    "DocumentNumber",
    texts={
        "costcenter": "CostCenter",
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "DocumentNumber",
        "externalinvoicereference1": "ExternalInvoiceReference1",
        "externalinvoicereference2": "ExternalInvoiceReference2",
        "ordertype": "OrderType",
        "ourreference": "OurReference",
        "project": "Project",
        "yourreference": "YourReference",
    },
    flags={"notcompleted": "NotCompleted", "sent": "Sent"},
    states={
        "cancelled": lambda kept, _: bool(kept["Cancelled"]),
        "expired": lambda kept, _: False,
        "invoicecreated": lambda kept, _: kept["InvoiceReference"] != "0",
        "invoicenotcreated": lambda kept, _: kept["InvoiceReference"] == "0" and not kept["Cancelled"],
    },
    sorts={
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "DocumentNumber",
        "orderdate": "OrderDate",
        "total": "Total",
    },
    date_field="OrderDate",
    unserved=frozenset({"label"}),
)
