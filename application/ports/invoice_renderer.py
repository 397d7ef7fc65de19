"""The document as a PDF."""

from typing import Protocol

from domain.invoicing.document import Issued


class InvoiceRenderer(Protocol):
    """Lays out documents."""

    def render(self, document: Issued, logo: bytes | None) -> bytes:
        """The PDF/A of a document: the same document always gives the same bytes.

        Raises DomainError("not_renderable") where a character cannot be shown or the logo cannot be read.
        """
        ...
