"""An issued document as a file: PDF for people, XML and JSON for programs."""

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.invoice_renderer import InvoiceRenderer
from application.ports.unit_of_work import UnitsOfWork
from application.queries.show_document import ShowDocumentHandler
from domain.errors import Invalid
from domain.invoicing.document import Issued

FORMATS = ("pdf", "xml", "json")


@dataclass(frozen=True, slots=True)
class RenderDocumentHandler:
    """Raises NotFound for the number, Invalid for a format unknown."""

    units_of_work: UnitsOfWork
    show_document: ShowDocumentHandler
    renderer: InvoiceRenderer
    write_xml: Callable[[Issued], bytes]

    def __call__(self, number: str, file_format: str = "pdf") -> bytes:
        """The bytes of the file. JSON is the exact text the document's hash covers; XML is the file that a drop gets."""
        if file_format not in FORMATS:
            raise Invalid("format", f"{file_format!r} is not one of {', '.join(FORMATS)}")
        stored = self.show_document(number)
        if file_format == "json":
            return stored.content_json.encode()
        if file_format == "xml":
            return self.write_xml(stored.issued)
        logo_sha256 = stored.issued.draft.seller.logo_sha256
        with self.units_of_work() as uow:
            logo = uow.configurations.asset(logo_sha256) if logo_sha256 else None
        return self.renderer.render(stored.issued, logo)
