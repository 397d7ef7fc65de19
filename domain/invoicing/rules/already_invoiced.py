"""An order is on at most one live invoice."""

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
    return f"Nothing to do. To correct it: billhook invoices credit {case.invoice_number} --reason TEXT"
