"""Issued invoices and credit notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.documents import DocumentFilter, DocumentRow
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListDocumentsHandler:
    """Paged by id: pass the last id seen as ``after``."""

    units_of_work: UnitsOfWork

    def __call__(self, wanted: DocumentFilter, after: int = 0, limit: int = 50) -> Sequence[DocumentRow]:
        """At most ``limit`` rows."""
        with self.units_of_work() as uow:
            return uow.documents.list(wanted, after, limit)
