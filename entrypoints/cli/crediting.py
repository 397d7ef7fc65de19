"""`billhook invoices credit`: a step that cannot be taken back, so it is never taken for the whole invoice by accident."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from application.use_cases.credit_invoice import CreditInvoice, CreditReport
from domain.errors import DomainError
from domain.invoicing.decision import Decision
from entrypoints.cli.invoice_documents import Number, run_document, run_summary, stored_document
from entrypoints.cli.options import AsJson, DryRun, Reason, Yes
from entrypoints.cli.presenting import confirm, count_of, print_json, print_line
from entrypoints.cli.session import actor, application

if TYPE_CHECKING:
    from entrypoints.container import Application

_SHOWN = 5


def credit(
    number: Number,
    orders: Annotated[list[str] | None, typer.Option("--order", metavar="REF", help="Only this order; may be given several times.")] = None,
    *,
    reissue: Annotated[bool, typer.Option("--reissue", help="Then invoice the company again with all that is due.")] = False,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Correct an invoice with a credit note. The invoice stays as it is; its orders become free to be invoiced again."""
    if not reason.strip():
        raise typer.BadParameter("Say why with --reason TEXT: it is printed on the credit note and kept in the audit log.")
    command = CreditInvoice(number, reason, actor(), tuple(orders or ()), reissue=reissue, dry_run=dry_run)
    with application() as app:
        if not dry_run and not yes:
            _confirm(app, command)
        report = app.catalogue.credit_invoice(command)
        due_again = () if dry_run else _due_again(app, report)
    _report(report, due_again, dry_run=dry_run, as_json=as_json)


def _confirm(app: "Application", command: CreditInvoice) -> None:
    """Ask for a whole invoice, and on a terminal for several orders too."""
    if command.order_refs and (len(command.order_refs) == 1 or not sys.stdin.isatty()):
        return
    draft = app.catalogue.credit_invoice(replace(command, dry_run=True)).credit_note.issued.draft
    amount = f"{draft.totals.total:f} {draft.currency}"
    what = f"{len(draft.orders)} orders of" if command.order_refs else "all that stands on"
    confirm(f"Credit {what} {draft.corrects}: {count_of(len(draft.orders), 'order')}, {amount}?", yes=False)


def _due_again(app: "Application", report: CreditReport) -> tuple[str, ...]:
    """The credited orders that the next run would invoice, by ref."""
    refs = [order.ref for order in report.credit_note.issued.draft.orders]
    return tuple(ref for ref in refs if _is_due(app, ref))


def _is_due(app: "Application", ref: str) -> bool:
    try:
        return app.catalogue.show_order(ref).stored.decision == Decision.DUE
    except DomainError:
        # Two sources may use one ref. The credit note is out, so a hint that cannot be given must not look like a failure.
        return False


def _report(report: CreditReport, due_again: Sequence[str], *, dry_run: bool, as_json: bool) -> None:
    note = stored_document(report.credit_note)
    if as_json:
        reissued = run_document(report.reissued) if report.reissued else None
        print_json({"credit_note": note, "reissued": reissued, "due_again": due_again, "dry_run": dry_run})
        return
    would = "Would issue" if dry_run else "Issued"
    print_line(f"{would} credit note {note['display_number']} for {note['corrects']}: {note['total']} {note['currency']}.")
    if report.reissued:
        print_line(run_summary(report.reissued))
    if due_again:
        print_line(_due_sentence(due_again))


def _due_sentence(refs: Sequence[str]) -> str:
    if len(refs) == 1:
        return f"Order {refs[0]} is due again and goes on the next invoice; to keep it off, cancel it in the order management system."
    more = f" and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else ""
    them = f"Orders {', '.join(refs[:_SHOWN])}{more}"
    return f"{them} are due again and go on the next invoice; to keep one off, cancel it in the order management system."
