"""The books of an organisation, read to compare them with what was issued (facts: accounting-apis, B3.3, B3.6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.papers import CREDIT_NOTE, INVOICE
from adapters.accounting.jortt.remote_documents import currency_of, id_of, is_draft, is_kind, reference_of, sums_of
from application.ports.ledger import RemoteDocument, RemoteState
from domain.money import ZERO


@dataclass(frozen=True, slots=True)
class JorttLedger:
    """The port ``Ledger``."""

    api: JorttApi

    def documents(self, since: datetime | None) -> Iterator[RemoteDocument]:  # noqa: ARG002 - see below
        """All invoices and credit notes, a hundred in a call. jortt has no stamp of changes, so ``since`` leaves nothing out."""
        for page in self.api.pages("/invoices", can_wait=True):
            for record in page:
                if reference_of(record):
                    yield _remote(record)


def _remote(record: Record) -> RemoteDocument:
    kind = CREDIT_NOTE if is_kind(record, CREDIT_NOTE) else INVOICE
    sums = sums_of(record, kind)
    net, tax, total = (sums.net, sums.tax, sums.total) if sums else (ZERO, ZERO, ZERO)
    # A credit note of ours has positive amounts.
    sign = Decimal(-1 if kind is CREDIT_NOTE else 1)
    return RemoteDocument(
        kind.type, reference_of(record), id_of(record), _state(record), currency_of(record, kind), sign * net, sign * tax, sign * total
    )


def _state(record: Record) -> RemoteState:
    if is_draft(record, INVOICE):
        return RemoteState.DRAFT
    due = record.get("invoice_due_amount")
    is_settled = isinstance(due, dict) and Decimal(str(due.get("amount") or "0")) == ZERO
    return RemoteState.PAID if is_settled or record.get("invoice_status") == "paid" else RemoteState.OPEN
