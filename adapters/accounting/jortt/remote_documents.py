"""Documents as they are in jortt: found by our reference, and compared with ours.

``query`` finds whatever holds the text somewhere, so what it finds is compared again here (facts: accounting-apis, B3.3, B3.8).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.arithmetic import Sums, describe, farthest, ours
from adapters.accounting.jortt.papers import CREDIT_NOTE, Kind, Paper
from domain.delivery.outcome import Delivered

_QUERY_MIN = 3
# How many last digits are left out of a question, for how many numbers at least. Those of numbers in a row are two, and a page shows them
# all; three may be ten pages, which must not be more than questions of their own.
_TAILS = ((2, 2), (1, 2), (3, 10))
DRAFT, SENT = "draft", "sent"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document must say there; figures may differ by the tolerance. Customer and day are empty where they do not count."""

    kind: Kind
    sums: Sums
    tolerance: Decimal
    customer_id: str = ""
    day: str = ""


def expected_of(paper: Paper, tolerance: Decimal) -> Expected:
    """Of a document whose id we know: people may have changed whom it is for."""
    return Expected(paper.kind, ours(paper.totals, paper.sign), tolerance)


def expected_as_ours(paper: Paper, tolerance: Decimal, customer_id: str) -> Expected:
    """Of a document that is found by its reference alone: another series may have the same number."""
    day = paper.issued_on.isoformat() if paper.issued_on else ""
    return replace(expected_of(paper, tolerance), customer_id=customer_id, day=day)


def find(api: JorttApi, kind: Kind, references: Iterable[str]) -> dict[str, list[Record]]:
    """Those that a search finds, by our reference; several may carry the same."""
    found: dict[str, list[Record]] = defaultdict(list)
    wanted = set(references)
    for query in questions(sorted(wanted)):
        for page in api.pages(kind.path, {"query": query} if query else None):
            for record in page:
                reference = reference_of(record)
                if reference in wanted and is_kind(record, kind) and id_of(record) not in map(id_of, found[reference]):
                    found[reference].append(record)
    return {reference: records for reference, records in found.items() if records}


def listed(api: JorttApi, kind: Kind, reference: str, status: str) -> list[Record]:
    """Those of a status with a reference, from the list: it does not lag behind as a search may."""
    pages = api.pages(kind.path, {kind.status_name: status}, can_wait=True)
    return [record for page in pages for record in page if reference_of(record) == reference and is_kind(record, kind)]


def questions(references: Sequence[str]) -> list[str]:
    """As few searches as find them all; "" is the whole list, where a reference is too short to search for."""
    if any(len(reference) < _QUERY_MIN for reference in references):
        return [""]
    asked: list[str] = []
    left = list(references)
    for tail, least in _TAILS:
        groups: dict[str, list[str]] = defaultdict(list)
        for reference in left:
            groups[reference[:-tail]].append(reference)
        shared = {head for head, group in groups.items() if len(group) >= least and len(head) >= _QUERY_MIN}
        asked += sorted(shared)
        left = [reference for reference in left if reference[:-tail] not in shared]
    return asked + left


def differences(record: Record, expected: Expected) -> list[str]:
    """What is not as it must be, with both values; nothing where it is ours."""
    theirs = sums_of(record, expected.kind)
    if theirs is None:
        return ["it shows no totals there"]
    if currency_of(record, expected.kind) not in {"", "EUR"}:
        return [f"it is in {currency_of(record, expected.kind)} there"]
    told = []
    if farthest(expected.sums, theirs) > expected.tolerance:
        told.append(f"{describe(theirs)} there, {describe(expected.sums)} here")
    if expected.day and str(record.get("invoice_date") or expected.day) != expected.day:
        told.append(f"dated {record.get('invoice_date')} there, {expected.day} here")
    if expected.customer_id and str(record.get("customer_id") or expected.customer_id) != expected.customer_id:
        told.append(f"for {record.get('customer_company_name') or record.get('customer_id')} there, for another customer here")
    return told


def sums_of(record: Record, kind: Kind) -> Sums | None:
    """Its totals; None where it shows none. The figures of its lines are of no use (facts: B3.6)."""
    net, total = _amount(record.get(kind.net_name)), _amount(record.get(kind.gross_name))
    return None if net is None or total is None else Sums(net, total - net, total)


def currency_of(record: Record, kind: Kind) -> str:
    """Of its total."""
    money = record.get(kind.gross_name)
    return str(money.get("currency") or "") if isinstance(money, Mapping) else ""


def id_of(record: Record) -> str:
    """Its id."""
    return str(record.get("id") or "")


def reference_of(record: Record) -> str:
    """Our name for it."""
    return str(record.get("reference") or "").strip()


def is_kind(record: Record, kind: Kind) -> bool:
    """Invoices and credit notes are in one list."""
    return bool(record.get("credited_invoice_id")) is (kind is CREDIT_NOTE)


def is_draft(record: Record, kind: Kind) -> bool:
    """Whether it can still be changed, and has no number there."""
    return str(record.get(kind.status_name) or DRAFT) == DRAFT


def delivered(record: Record, kind: Kind, how: str) -> Delivered:
    """The outcome of what is there, with its figures."""
    sums = sums_of(record, kind)
    number = record.get("invoice_number") or record.get("estimate_number")
    status = f"number {number}" if number else str(record.get(kind.status_name) or DRAFT)
    return Delivered(id_of(record), "", f"jortt: {describe(sums) if sums else 'no totals'}, {status} ({how}).")


def _amount(money: Any) -> Decimal | None:
    try:
        return Decimal(str(money["amount"]))
    except (InvalidOperation, KeyError, TypeError):
        return None
