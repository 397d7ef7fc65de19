"""An order is on at most one live invoice."""

import shlex
from collections.abc import Mapping

from domain.invoicing.case import Case


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    return not case.invoice_number


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    return {"invoice_number": case.invoice_number}


def fix(case: Case) -> str:
    """What would let the order pass."""
    return f"Nothing to do. To correct it: {credit_command(case)}"


def credit_command(case: Case, *, reissue: bool = False) -> str:
    """The command that takes this order, and no other, off its invoice; it may be invoiced anew at once."""
    order = f"--order {shlex.quote(case.order.ref)}"
    again = " --reissue" if reissue else ""
    return f"billhook invoices credit {shlex.quote(case.invoice_number)} {order}{again} --reason TEXT"
