"""What would be sent, for people."""

from decimal import Decimal
from typing import Any

import msgspec

from adapters.accounting import exact_json
from adapters.accounting.xero.documents import DocumentWriter
from adapters.accounting.xero.remote_documents import PURCHASE_ORDER, Kind, kind_of
from adapters.accounting.xero.rounding import describe
from domain.invoicing.document import DocumentType, Issued

_NOBODY_YET = "(a contact that is created first)"


def previewed(document: Issued, writer: DocumentWriter, contact_id: str) -> str:
    """The calls with their bodies, and the figures on both sides."""
    contact = contact_id or _NOBODY_YET
    written = writer.write(document, contact)
    parts = []
    if writer.settings.is_tracked and document.draft.type is DocumentType.INVOICE:
        order = writer.write_purchase_order(document, contact)
        parts += [_call(PURCHASE_ORDER, order)] if order else []
    parts.append(_call(kind_of(document), written.body))
    rounding = f", with a rounding line of {written.rounding}" if written.rounding != Decimal(0) else ""
    parts.append(f"Here: {describe(document.draft.totals)}.\nXero will come to: {describe(written.sums)}{rounding}.")
    return "\n\n".join(parts) + "\n"


def _call(kind: Kind, body: dict[str, Any]) -> str:
    pretty = msgspec.json.format(exact_json.dumps({kind.plural: [body]}), indent=2).decode()
    return f"PUT /{kind.plural}\n{pretty}"
