"""Invoices: numbered at once, editable until bookkept, then locked; cancelled before that and credited after."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.fakes.fortnox.amounts import text
from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.documents import changed, day, drafted, due, kept, numbered, refuse_locked, summed
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_there
from tests.fakes.fortnox.fields import INVOICE, Document
from tests.fakes.fortnox.listing import ListShape

RESOURCE = "invoices"
_LISTED = (
    "@url Balance Booked Cancelled CostCenter Currency CurrencyUnit CustomerName CustomerNumber DocumentNumber DueDate "
    "ExternalInvoiceReference1 ExternalInvoiceReference2 FinalPayDate InvoiceDate InvoiceType NoxFinans OCR Project Sent TermsOfPayment "
    "Total VoucherNumber VoucherSeries VoucherYear WayOfDelivery"
).split()


def create(company: Company, asked: Mapping[str, Any]) -> Kept:
    """POST /3/invoices. What is left out comes from the customer, the articles and the company's settings."""
    document = drafted(company, INVOICE, asked.get("CustomerNumber"))
    document["InvoiceDate"] = company.today().isoformat()
    document["EmailInformation"]["EmailSubject"] = "Faktura {no} bifogas"
    changed(company, document, asked, INVOICE, "InvoiceRows")
    return _save(company, document, asked, "created")


def change(company: Company, number: str, asked: Mapping[str, Any]) -> Kept:
    """PUT: only the fields that are named; rows, where named, are the full truth and get new ids."""
    document = _open(company, number)
    changed(company, document, asked, INVOICE, "InvoiceRows")
    _date(company, document, asked)
    summed(company, document, "InvoiceRows", "DeliveredQuantity")
    document["Balance"] = document["Total"]
    return kept(company, RESOURCE, number, document, "changed")


def get(company: Company, number: str) -> Kept:
    """GET of one."""
    if number not in company.invoices:
        raise not_there(RESOURCE)
    return company.invoices[number]


def bookkeep(company: Company, number: str) -> Kept:
    """PUT /bookkeep: the voucher is made and the invoice locked."""
    document = _open(company, number)
    if document["NotCompleted"]:
        raise Refused(2003498, "Fakturan måste vara klar innan den kan bokföras.")
    if any(row["DeliveredQuantity"] != "0" and not row["Description"] for row in document["InvoiceRows"]):
        raise Refused(2003977, "En rad med antal saknar artikel eller text.")
    refuse_locked(company, day(document["InvoiceDate"], "InvoiceDate"))
    company.vouchers += 1
    document |= {"Booked": True, "VoucherNumber": company.vouchers, "VoucherSeries": "B", "VoucherYear": 1}
    return kept(company, RESOURCE, number, document, "bookkept")


def cancel(company: Company, number: str) -> Kept:
    """PUT /cancel: only before bookkeeping."""
    document = _open(company, number)
    document |= {"Cancelled": True, "Balance": 0}
    return kept(company, RESOURCE, number, document, "cancelled")


def credit(company: Company, number: str) -> Kept:
    """PUT /credit: a new invoice with the quantities turned round, named in ``CreditInvoiceReference`` of the one that comes back."""
    document = copy.deepcopy(dict(get(company, number)))
    if not document["Booked"] or document["CreditInvoiceReference"] != "0":
        raise Refused(UNDOCUMENTED, "Fakturan kan inte krediteras.")
    new = copy.deepcopy(document) | {"Credit": "true", "CreditInvoiceReference": number, "Booked": False, "Sent": False}
    new |= {"VoucherNumber": None, "VoucherSeries": None, "VoucherYear": None, "InvoiceDate": company.today().isoformat(), "DueDate": ""}
    for row in new["InvoiceRows"]:
        company.row_ids += 1
        row |= {"DeliveredQuantity": text(-Decimal(row["DeliveredQuantity"])), "RowId": company.row_ids}
    made = _save(company, new, {}, "created")
    document["CreditInvoiceReference"] = made["DocumentNumber"]
    return kept(company, RESOURCE, number, document, "credited")


def mark_sent(company: Company, number: str, kind: str) -> Kept:
    """Printing, externally or here, and e-invoicing leave the invoice sent. A cancelled one is not sent."""
    document = copy.deepcopy(dict(get(company, number)))
    if document["Cancelled"]:
        raise Refused(UNDOCUMENTED, "Fakturan är makulerad.")
    document["Sent"] = True
    return kept(company, RESOURCE, number, document, kind)


def from_order(company: Company, order: Mapping[str, Any]) -> Kept:
    """The invoice of an order: what was delivered of it."""
    document = drafted(company, INVOICE, order["CustomerNumber"])
    passed_on = {name: value for name, value in order.items() if name in INVOICE and name not in _OWN}
    rows = [{name: row[name] for name in _ROW_FIELDS if row[name] not in ("", None)} for row in order["OrderRows"]]
    document["InvoiceDate"] = company.today().isoformat()
    changed(company, document, passed_on | {"InvoiceRows": rows}, INVOICE, "InvoiceRows")
    document["OrderReference"] = order["DocumentNumber"]
    document["Remarks"] = order["Remarks"] if order["CopyRemarks"] else ""
    return _save(company, document, {}, "created")


_OWN = {"@url", "DocumentNumber", "EmailInformation", "Labels", "PrintTemplate", "Remarks"}
_ROW_FIELDS = "AccountNumber ArticleNumber DeliveredQuantity Description Discount DiscountType Price Unit VAT".split()


def _save(company: Company, document: Document, asked: Mapping[str, Any], kind: str) -> Kept:
    _date(company, document, asked)
    summed(company, document, "InvoiceRows", "DeliveredQuantity")
    number = numbered(company, RESOURCE, document, asked)
    document |= {"Balance": document["Total"], "OCR": asked.get("OCR") or ocr(number), "OutboundDate": document["InvoiceDate"]}
    return kept(company, RESOURCE, number, document, kind)


def _date(company: Company, document: Document, asked: Mapping[str, Any]) -> None:
    start = day(document["InvoiceDate"], "InvoiceDate")
    refuse_locked(company, start)
    if document["DeliveryDate"]:
        day(document["DeliveryDate"], "DeliveryDate")
    if asked.get("DueDate"):
        day(document["DueDate"], "DueDate")
    elif not document["DueDate"] or "InvoiceDate" in asked or "TermsOfPayment" in asked:
        document["DueDate"] = due(start, document["TermsOfPayment"])


def _open(company: Company, number: str) -> Document:
    document = copy.deepcopy(dict(get(company, number)))
    if document["Booked"]:
        raise Refused(UNDOCUMENTED, "Fakturan är bokförd och kan inte ändras.")
    if document["Cancelled"]:
        raise Refused(UNDOCUMENTED, "Fakturan är makulerad.")
    return document


def ocr(number: str) -> str:
    """The payment reference: the number, a digit for the length of the whole, a check digit (modulus 10)."""
    digits = number + str((len(number) + 2) % 10)
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits))]
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def _item(invoice: Kept) -> dict[str, Any]:
    # The rate is a number in the document and text in lists, as recorded.
    return {name: invoice[name] for name in _LISTED} | {"CurrencyRate": str(invoice["CurrencyRate"])}


def _unpaid(invoice: Kept) -> bool:
    return bool(invoice["Booked"] and invoice["Balance"])


LIST = ListShape(
    "Invoices",
    RESOURCE,
    _item,
    "DocumentNumber",
    texts={
        "costcenter": "CostCenter",
        "currency": "Currency",
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "DocumentNumber",
        "externalinvoicereference1": "ExternalInvoiceReference1",
        "externalinvoicereference2": "ExternalInvoiceReference2",
        "invoicetype": "InvoiceType",
        "ocr": "OCR",
        "ourreference": "OurReference",
        "project": "Project",
        "yourordernumber": "YourOrderNumber",
        "yourreference": "YourReference",
        "credit": "Credit",
    },
    flags={"notcompleted": "NotCompleted", "sent": "Sent"},
    states={
        "cancelled": lambda kept, _: bool(kept["Cancelled"]),
        "fullypaid": lambda kept, _: bool(kept["Booked"] and not kept["Balance"]),
        "unpaid": lambda kept, _: _unpaid(kept),
        "unpaidoverdue": lambda kept, company: _unpaid(kept) and kept["DueDate"] < company.today().isoformat(),
        "unbooked": lambda kept, _: not kept["Booked"] and not kept["Cancelled"],
    },
    sorts={
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "DocumentNumber",
        "invoicedate": "InvoiceDate",
        "ocr": "OCR",
        "total": "Total",
    },
    date_field="InvoiceDate",
    unserved=frozenset("accountnumberfrom accountnumberto articledescription articlenumber fromfinalpaydate label tofinalpaydate".split()),
)
