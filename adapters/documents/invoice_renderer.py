"""Documents as PDF/A-3b, set by typst in child processes.

Why in children: typst keeps the layouts of its last ten or so documents for reuse and does not give their memory back. Long
documents would so grow a worker to hundreds of MiB and leave it there; a child is replaced instead when it has grown.
It also bounds what a hostile logo can do.
"""

import json
import unicodedata
from datetime import UTC, datetime, time

from adapters.documents.child_process import ChildDied, ChildPool, ChildTimedOut
from adapters.documents.logo import logo_suffix, unreadable_logo
from adapters.documents.pdf_request import BAD_GLYPH, BAD_LOGO, PDF, encode_request
from adapters.documents.printed import printed
from domain.errors import DomainError
from domain.invoicing.document import Issued

_MODULE = "adapters.documents.typst_child"
TIMEOUT_S = 60.0
# A child starts at about 50 MiB; ten short documents in its memory add about 25, one of 400 lines alone 30 to 40.
RETIRE_ABOVE_MIB = 140


class TypstInvoiceRenderer:
    """Lays out documents; safe to use from many threads. Close it at the end."""

    def __init__(self, children: int | None = None) -> None:
        self._pool = ChildPool(_MODULE, TIMEOUT_S, children)

    def render(self, document: Issued, logo: bytes | None) -> bytes:
        """The PDF/A-3b: the same document and logo always give the same bytes."""
        suffix = logo_suffix(logo) if logo else ""
        texts = printed(document, f"logo.{suffix}" if logo else None)
        midnight = datetime.combine(document.issued_on, time(), UTC)
        kind, content = self._ask(encode_request(json.dumps(texts), int(midnight.timestamp()), logo or b""), document)
        if kind == PDF:
            return content
        if kind == BAD_GLYPH:
            raise _unprintable(content.decode(), document)
        if kind == BAD_LOGO:
            raise unreadable_logo(" ".join(content.decode().split()))
        raise RuntimeError(f"typst refused the layout of {document.display_number}: {content.decode()}")

    def close(self) -> None:
        """End the children."""
        self._pool.close()

    def _ask(self, request: bytes, document: Issued) -> tuple[bytes, bytes]:
        try:
            answer = self._pool.ask(request, retire_above_mib=RETIRE_ABOVE_MIB)
        except (ChildTimedOut, ChildDied) as failure:
            raise _too_demanding(document, timed_out=isinstance(failure, ChildTimedOut)) from failure
        return answer[:1], answer[1:]


def _unprintable(text: str, document: Issued) -> DomainError:
    names = ", ".join(f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}" for character in text[:3])
    return DomainError(
        "not_renderable",
        f"{document.display_number} has the text {text!r} ({names}), which none of the fonts for documents can show.",
        "An issued document cannot be changed: correct the name, address or description where it came from, then credit and reissue it.",
    )


def _too_demanding(document: Issued, *, timed_out: bool) -> DomainError:
    what = f"took longer than {TIMEOUT_S:.0f} seconds" if timed_out else "needed more memory than allowed"
    return DomainError(
        "not_renderable",
        f"Setting {document.display_number} ({len(document.draft.lines)} lines) {what}.",
        "Try a smaller logo first; for later invoices set orders_per_invoice_max lower in the company's plan.",
    )
