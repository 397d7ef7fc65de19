"""Documents as they are in Xero: found by our number, and compared with ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.chart import decimal_of, read_day, text_of
from adapters.accounting.xero.texts import reference_of
from domain.invoicing.document import DocumentType, Issued

# So many numbers in one question, and so many characters of them, keep the address short.
ASKED_AT_ONCE = 50
_CHARACTERS_MAX = 1500
_DAY_PAGE = 1000
_GONE = frozenset({"VOIDED", "DELETED"})
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document at Xero."""

    plural: str
    id_name: str
    number_name: str
    type: str = ""


INVOICE = Kind("Invoices", "InvoiceID", "InvoiceNumber", "ACCREC")
CREDIT_NOTE = Kind("CreditNotes", "CreditNoteID", "CreditNoteNumber", "ACCRECCREDIT")
PURCHASE_ORDER = Kind("PurchaseOrders", "PurchaseOrderID", "PurchaseOrderNumber")


def kind_of(document: Issued) -> Kind:
    """What a document of ours is there."""
    return CREDIT_NOTE if document.draft.type is DocumentType.CREDIT_NOTE else INVOICE


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document must say there. ``contact_id`` is empty where it is not known; net and tax may differ by the tolerance.

    ``issued_on`` and ``reference`` tell it from another document of ours that had the same number and the same figures.
    """

    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    tolerance: Decimal
    issued_on: date
    reference: str
    contact_id: str = ""


def expected_of(document: Issued, tolerance: Decimal, contact_id: str) -> Expected:
    """Of an invoice or a credit note: the very total, whatever a rounding line did to net and tax."""
    draft, totals = document.draft, document.draft.totals
    known = (document.issued_on, reference_of(document), contact_id)
    return Expected(draft.currency, totals.net, totals.tax, totals.total, tolerance, *known)


def find(api: XeroApi, kind: Kind, numbers: Sequence[str]) -> dict[str, Record]:
    """Those that are there, by our number; of several with one number, one that counts."""
    records: list[dict[str, Any]] = []
    if kind is INVOICE:
        for asked in questions(numbers):
            records += api.records(kind.plural, params={"InvoiceNumbers": ",".join(asked), "unitdp": 4})
    elif kind is CREDIT_NOTE:
        for number in numbers:
            records += api.records(kind.plural, params={"where": f'CreditNoteNumber=="{number}"', "unitdp": 4})
    else:
        for number in numbers:
            records += api.records(kind.plural, f"/{kind.plural}/{quote(number, safe='')}")
    return by_number(kind, numbers, records)


def find_by_id(api: XeroApi, kind: Kind, ids: Sequence[str]) -> dict[str, Record]:
    """Those that are there, by Xero's own id in small letters, whatever number they have."""
    records: list[dict[str, Any]] = []
    if kind is INVOICE:
        for asked in questions(ids):
            records += api.records(kind.plural, params={"IDs": ",".join(asked)})
    else:
        for id_ in ids:
            records += api.records(kind.plural, f"/{kind.plural}/{quote(id_, safe='')}")
    return {text_of(record, kind.id_name).lower(): record for record in records}


def find_of_day(api: XeroApi, kind: Kind, day: date) -> tuple[list[Record], bool]:
    """Credit notes or purchase orders of a day, and whether these are all: one call for many documents that were sent together."""
    if kind is CREDIT_NOTE:
        asked: dict[str, Any] = {"where": f"Date==DateTime({day.year}, {day.month}, {day.day})", "unitdp": 4}
    else:
        asked = {"DateFrom": day.isoformat(), "DateTo": day.isoformat()}
    found = api.records(kind.plural, params={**asked, "page": 1, "pageSize": _DAY_PAGE})
    return list(found), len(found) < _DAY_PAGE


def questions(numbers: Sequence[str]) -> Iterator[list[str]]:
    """The numbers in groups that one question can hold."""
    group: list[str] = []
    for number in numbers:
        if group and (len(group) == ASKED_AT_ONCE or sum(map(len, group)) + len(number) > _CHARACTERS_MAX):
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def is_gone(record: Record) -> bool:
    """Whether it was voided or deleted there."""
    return text_of(record, "Status") in _GONE


def differences(record: Record, expected: Expected) -> list[str]:
    """What is not as it must be, each with both values; nothing where it is ours."""
    told = []
    status = text_of(record, "Status")
    if status in _GONE:
        told.append(f"it is {status} there")
    if text_of(record, "CurrencyCode") not in {"", expected.currency}:
        told.append(f"currency {text_of(record, 'CurrencyCode')} there, {expected.currency} here")
    for name, ours, tolerance in (
        ("SubTotal", expected.net, expected.tolerance),
        ("TotalTax", expected.tax, expected.tolerance),
        ("Total", expected.total, Decimal(0)),
    ):
        theirs = decimal_of(record, name)
        if theirs is None or abs(theirs - ours) > tolerance:
            told.append(f"{name} {theirs} there, {ours} here")
    contact = contact_of(record)
    contact_id = text_of(contact, "ContactID")
    if expected.contact_id and contact_id and contact_id.lower() != expected.contact_id.lower():
        told.append(f"contact {text_of(contact, 'Name') or contact_id} there, another here")
    return told


def strangeness(record: Record, expected: Expected) -> list[str]:
    """Why a document that was there before is not ours, or no more as we sent it; nothing where it is.

    Figures alone do not tell: after a backup was restored, a number is given anew, and orders often cost the same.
    """
    told = differences(record, expected)
    day = read_day(record.get("DateString") or record.get("Date"))
    if day is not None and day != expected.issued_on:
        told.append(f"date {day} there, {expected.issued_on} here")
    reference = text_of(record, "Reference")
    if reference and reference.split() != expected.reference.split():
        told.append(f"reference {reference!r} there, {expected.reference!r} here")
    return told


def contact_of(record: Record) -> Record:
    """Whom it is for; empty where the answer does not say."""
    contact = record.get("Contact")
    return contact if isinstance(contact, Mapping) else {}


def described(record: Record) -> str:
    """Its figures for people."""
    return f"net {decimal_of(record, 'SubTotal')}, tax {decimal_of(record, 'TotalTax')}, total {decimal_of(record, 'Total')}"


def by_number(kind: Kind, numbers: Sequence[str], records: Sequence[Record]) -> dict[str, Record]:
    """Those that have one of our numbers."""
    asked = {number.casefold(): number for number in numbers}
    found: dict[str, Record] = {}
    for record in records:
        number = asked.get(text_of(record, kind.number_name).casefold())
        if number is None or (kind.type and text_of(record, "Type") not in {"", kind.type}):
            continue
        if number not in found or is_gone(found[number]):
            found[number] = record
    return found
