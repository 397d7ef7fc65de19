"""One issued document."""

from dataclasses import dataclass

from application.ports.documents import StoredDocument
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.use_cases.credit_invoice import find_document
from domain.errors import NotFound
from domain.invoicing.document import DocumentType


def find_any(uow: UnitOfWork, number: str) -> StoredDocument:
    """The invoice of that number, else the credit note. Raises NotFound, or Conflict where two series share the number."""
    try:
        return find_document(uow, number)
    except NotFound:
        if not uow.documents.find(number, DocumentType.CREDIT_NOTE):
            raise
        return find_document(uow, number, DocumentType.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class ShowDocumentHandler:
    """Raises NotFound, or Conflict where two series share the number."""

    units_of_work: UnitsOfWork

    def __call__(self, number: str) -> StoredDocument:
        """The invoice of that number, else the credit note."""
        with self.units_of_work() as uow:
            return find_any(uow, number)
