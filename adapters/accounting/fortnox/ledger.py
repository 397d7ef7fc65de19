"""The books of a company, read to compare them with what was issued (facts: accounting-apis, B2.3, B2.8).

A list shows the total alone, so each document of ours is read by itself: 5 a second, behind all that is not so patient.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.records import Record, decimal_of, is_true, text_of
from adapters.accounting.fortnox.remote_documents import number_in, read
from adapters.accounting.fortnox.sale import INVOICES, identity_of
from application.ports.ledger import RemoteDocument, RemoteState
from domain.invoicing.document import DocumentType
from domain.money import ZERO

_SWEDEN = ZoneInfo("Europe/Stockholm")
# The filter knows minutes, and its zone is our reading: a bit earlier finds a few more, which does no harm.
_EARLIER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class FortnoxLedger:
    """The port ``Ledger``: what the seller issued. Another admin company's documents may be in the same books, with the same numbers."""

    api: FortnoxApi
    seller: str

    def documents(self, since: datetime | None) -> Iterator[RemoteDocument]:
        """Invoices and credit invoices that carry a reference of ours."""
        changed = {} if since is None else {"lastmodified": (since - _EARLIER).astimezone(_SWEDEN).strftime("%Y-%m-%d %H:%M")}
        for listed in self.api.listed(INVOICES.name, INVOICES.plural, changed, can_wait=True):
            if self._is_ours(listed):
                record = read(self.api, INVOICES, number_in(listed), can_wait=True)
                if record is not None:
                    yield _remote(record)

    def _is_ours(self, record: Record) -> bool:
        """Whether the seller issued it; a credit that has the references of its invoice still is none of ours yet."""
        type_ = DocumentType.CREDIT_NOTE if (decimal_of(record, "Total") or ZERO) < 0 else DocumentType.INVOICE
        ours = identity_of(self.seller, type_.value, text_of(record, "ExternalInvoiceReference1"))
        return text_of(record, "ExternalInvoiceReference2") == ours


def _remote(record: Record) -> RemoteDocument:
    """One invoice or credit invoice; without what was rounded to whole kronor, and a credit's amounts are positive."""
    net, tax = decimal_of(record, "Net") or ZERO, decimal_of(record, "TotalVAT") or ZERO
    is_credit = net + tax < 0 or is_true(record, "Credit")
    return RemoteDocument(
        (DocumentType.CREDIT_NOTE if is_credit else DocumentType.INVOICE).value,
        text_of(record, "ExternalInvoiceReference1"),
        number_in(record),
        _state(record),
        text_of(record, "Currency"),
        abs(net),
        abs(tax),
        abs(net + tax),
    )


def _state(record: Record) -> RemoteState:
    if is_true(record, "Cancelled"):
        return RemoteState.VOIDED
    if not is_true(record, "Booked"):
        return RemoteState.OPEN if is_true(record, "Sent") else RemoteState.DRAFT
    return RemoteState.OPEN if decimal_of(record, "Balance") else RemoteState.PAID
