"""Runs and issued documents as commands show them: JSON for programs, a sentence for people."""

from typing import Annotated, Any

import typer

from application.ports.documents import StoredDocument
from application.use_cases.execute_run import RunReport
from entrypoints.cli.presenting import count_of

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As printed, e.g. INV-000001; ADMIN:NUMBER where two series share one.")]


def run_document(report: RunReport) -> dict[str, Any]:
    """The JSON of a run."""
    return {
        "run": f"run_{report.run_id}",
        "company": report.company,
        "issued": report.issued,
        "display_numbers": report.display_numbers,
        "skipped": report.skipped,
    }


def run_summary(report: RunReport, *, dry_run: bool = False) -> str:
    """A run in one or two lines."""
    would = "would be issued" if dry_run else "issued"
    text = f"Company {report.company}: {count_of(len(report.issued), 'invoice')} {would}{_span(report.display_numbers)}."
    if report.skipped:
        text += " Not invoiced: " + ", ".join(f"{count} {code}" for code, count in report.skipped.items()) + "."
    return text


def _span(numbers: tuple[str, ...]) -> str:
    if not numbers:
        return ""
    return f" ({numbers[0]})" if len(numbers) == 1 else f" ({numbers[0]} to {numbers[-1]})"


def stored_document(stored: StoredDocument) -> dict[str, Any]:
    """The JSON of an issued document: the row of a list, and all that stands on it."""
    issued, draft = stored.issued, stored.issued.draft
    return {
        "number": issued.number,
        "display_number": issued.display_number,
        "type": draft.type,
        "admin_company": issued.admin_company,
        "company": draft.company,
        "issued_on": issued.issued_on,
        "due_on": issued.due_on,
        "currency": draft.currency,
        "net": draft.totals.net,
        "tax": draft.totals.tax,
        "total": draft.totals.total,
        "orders": [order.ref for order in draft.orders],
        "state": _state(stored),
        "corrects": draft.corrects or None,
        "reason": draft.reason,
        "credited_orders": sorted(stored.credited_orders),
        "seller": {"name": draft.seller.name, "vat_number": draft.seller.vat_number, "country": draft.seller.address.country},
        "buyer": {"name": draft.buyer.name, "vat_number": draft.buyer.vat_number, "country": draft.buyer.address.country},
        "lines": [
            {
                "description": line.description,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "net": line.net,
                "tax_category": line.tax.category,
                "tax_rate": line.tax.rate,
                "order_ref": line.order_ref,
            }
            for line in draft.lines
        ],
        "taxes": [
            {"category": row.category, "rate": row.rate, "net": row.net, "tax": row.tax, "reason": row.reason}
            for row in draft.totals.subtotals
        ],
        "tax_rule": draft.tax_decision.regime,
        "tax_facts": draft.tax_decision.facts_by_name,
        "content_sha256": issued.content_sha256,
        "chain_hash": issued.chain_hash,
    }


def _state(stored: StoredDocument) -> str:
    if not stored.credited_orders:
        return "issued"
    orders = {order.ref for order in stored.issued.draft.orders}
    return "credited" if orders <= stored.credited_orders else "partly_credited"
