"""The books of an organisation, read to compare them with what was issued (facts: accounting-apis, B1.11)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.billed_to import BilledTo
from adapters.accounting.xero.chart import decimal_of, text_of
from adapters.accounting.xero.remote_documents import CREDIT_NOTE, INVOICE, Kind, Record
from application.ports.ledger import RemoteDocument, RemoteState
from domain.invoicing.document import DocumentType
from domain.money import ZERO

_STATES: Mapping[str, RemoteState] = {
    "DRAFT": RemoteState.DRAFT,
    "SUBMITTED": RemoteState.DRAFT,
    "AUTHORISED": RemoteState.OPEN,
    "PAID": RemoteState.PAID,
    "VOIDED": RemoteState.VOIDED,
    "DELETED": RemoteState.VOIDED,
}


@dataclass(frozen=True, slots=True)
class XeroLedger:
    """The port ``Ledger``. Its calls leave the day's reserve to new documents."""

    api: XeroApi
    billed_to: BilledTo

    def documents(self, since: datetime | None) -> Iterator[RemoteDocument]:
        """Sales invoices, then credit notes, a thousand in a call."""
        yield from self._documents(INVOICE, DocumentType.INVOICE, since, {"summaryOnly": "true"})
        yield from self._documents(CREDIT_NOTE, DocumentType.CREDIT_NOTE, since, {})

    def _documents(self, kind: Kind, type_: DocumentType, since: datetime | None, params: Mapping[str, Any]) -> Iterator[RemoteDocument]:
        # In UTC, to the second, without a zone.
        headers = {} if since is None else {"If-Modified-Since": since.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")}
        asked = {"where": f'Type=="{kind.type}"', **params}
        for page in self.api.pages(kind.plural, params=asked, headers=headers, can_wait=True):
            ours = [record for record in page if text_of(record, "Type") == kind.type]
            moved = self.billed_to.moved(kind, ours)
            for record in ours:
                told = moved.get(text_of(record, kind.number_name))
                yield _remote(record, kind, type_, (told,) if told else ())


def _remote(record: Record, kind: Kind, type_: DocumentType, differs: tuple[str, ...]) -> RemoteDocument:
    status = text_of(record, "Status")
    return RemoteDocument(
        type_.value,
        text_of(record, kind.number_name),
        text_of(record, kind.id_name),
        _STATES.get(status, RemoteState.OPEN),
        text_of(record, "CurrencyCode"),
        decimal_of(record, "SubTotal") or ZERO,
        decimal_of(record, "TotalTax") or ZERO,
        decimal_of(record, "Total") or ZERO,
        differs,
        # A draft that was deleted gives its number back.
        keeps_number=status != "DELETED",
    )
