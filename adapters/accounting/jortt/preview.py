"""What would be sent, for people."""

import msgspec

from adapters.accounting import exact_json
from adapters.accounting.jortt.arithmetic import describe, ours
from adapters.accounting.jortt.customer_record import record_of
from adapters.accounting.jortt.documents import Body, changed_body, write
from adapters.accounting.jortt.mapped import Mapped
from adapters.accounting.jortt.papers import CREDIT_NOTE, Paper
from adapters.accounting.jortt.settings import JorttSettings
from adapters.accounting.jortt.vats import Vats

_NOBODY_YET = "(a customer that is created first)"


def previewed(paper: Paper, customer_id: str, vats: Vats, mapped: Mapped, settings: JorttSettings) -> str:
    """The calls with their bodies, and the figures on both sides."""
    written = write(paper, customer_id or _NOBODY_YET, vats, mapped, settings.rounding_tolerance)
    parts = []
    if paper.kind is CREDIT_NOTE:
        parts.append(f"POST /invoices/{{id of {paper.corrects}}}/credit")
        parts.append(_call("PUT", "/invoices/{id of the credit note}", changed_body(written)))
    else:
        if not customer_id and not settings.default_customer:
            parts.append(_call("POST", "/customers", record_of(paper, mapped.customer)))
        parts.append(_call("POST", paper.kind.path, written.body))
    if settings.is_sent:
        parts.append(f"Then it is sent: {settings.send_method}.")
    parts.append(f"Here: {describe(ours(paper.totals, paper.sign))}.\njortt will come to: {describe(written.sums)}.")
    return "\n\n".join(parts) + "\n"


def _call(method: str, path: str, body: Body) -> str:
    return f"{method} {path}\n{msgspec.json.format(exact_json.dumps(body), indent=2).decode()}"
