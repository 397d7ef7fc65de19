"""Issued documents: written once, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.number_series import NumberSeries


@dataclass(frozen=True, slots=True)
class NewDocument:
    """An issued document on its way into the store, with its canonical content.

    ``orders`` are ids and fingerprints, in the order of the draft's orders; empty on a credit note.
    """

    issued: Issued
    content_json: str
    orders: tuple[tuple[int, str], ...]
    run_id: int | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One row of a list of invoices. ``state`` is issued, partly_credited or credited (a credit note: issued)."""

    document_id: int
    type: str
    number: int
    display_number: str
    admin_company: str
    company: str
    issued_on: date
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    orders: tuple[str, ...]
    state: str
    corrects: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as stored: the columns, and the content's exact text for proof."""

    document_id: int
    issued: Issued
    content_json: str
    issued_at: datetime
    credited_orders: frozenset[str]


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents to list; None leaves a filter out."""

    type: DocumentType | None = DocumentType.INVOICE
    company: str | None = None
    admin_company: str | None = None
    order_ref: str | None = None
    run_id: int | None = None
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentOfOrder:
    """A document that some order is on: as much of it as tells who may be owed it."""

    document_id: int
    type: DocumentType
    company: str
    issued_at: datetime


class Documents(Protocol):
    """The store of issued documents inside a unit of work."""

    def lock_series(self, admin_company: str, type_: DocumentType, first: int) -> NumberSeries:
        """The series, locked until the unit of work ends; created with ``first`` where it does not exist.

        Where nothing was issued yet, ``first`` replaces an earlier first number.
        """
        ...

    def add(self, documents: Sequence[NewDocument], series: NumberSeries, issued_at: datetime) -> Sequence[int]:
        """Store the documents and where their series stands now; returns their ids.

        Marks the orders of invoices as invoiced. Refused by the database where an order is on a live invoice already.
        """
        ...

    def mark_credited(self, invoice_id: int, order_refs: Sequence[str], credit_note_id: int) -> Sequence[int]:
        """Free the orders, by their names on the invoice, so that they may be invoiced again; returns the order ids."""
        ...

    def get(self, document_id: int) -> StoredDocument:
        """One by id. Raises NotFound."""
        ...

    def get_many(self, document_ids: Sequence[int]) -> Mapping[int, StoredDocument]:
        """Several by id."""
        ...

    def find(self, number: str, type_: DocumentType) -> Sequence[StoredDocument]:
        """By display number, or ``ADMIN:NUMBER`` where two series could share one."""
        ...

    def list(self, wanted: DocumentFilter, after: int, limit: int) -> Sequence[DocumentRow]:
        """By id after ``after``."""
        ...

    def of_orders(self, order_ids: Sequence[int]) -> Sequence[DocumentOfOrder]:
        """The invoices these orders are or were on, and the credit notes that took them off, each once, by id."""
        ...

    def issued_in_run(self, run_id: int) -> Sequence[tuple[int, str]]:
        """Number and display number of each invoice of a run, in the order of issue."""
        ...

    def series(self) -> Sequence[NumberSeries]:
        """Every series there is, not locked."""
        ...

    def chain(self, admin_company: str, type_: DocumentType, after_number: int, limit: int) -> Sequence[StoredDocument]:
        """The documents of a series by number, for proof."""
        ...
