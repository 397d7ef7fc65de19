"""`billhook invoices`: issue, read, render, correct."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from application.ports.documents import DocumentFilter, DocumentRow
from application.use_cases.start_run import StartRun
from domain.invoicing.document import DocumentType
from entrypoints.cli.completing import company_refs
from entrypoints.cli.crediting import credit
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.files import write_file
from entrypoints.cli.invoice_documents import Number, run_document, run_summary, stored_document
from entrypoints.cli.naming import require_known
from entrypoints.cli.options import After, AsJson, Company, DryRun, Limit, Reason, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
# Of no use to people: long, or shown in a table of their own.
_NOT_SHOWN = frozenset({"lines", "taxes", "seller", "buyer", "tax_facts"})


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="invoices", help="Invoices: run, list, show, render, credit.", rich_help_panel="Orders and invoices")


@_group.command("run", epilog="Example: billhook invoices run --company 777 --dry-run")
def run(
    company: Annotated[str, typer.Option("--company", metavar="REF", autocompletion=company_refs, help="Whose orders to invoice.")],
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Invoice now all that is due for a company, beside its schedule."""
    with application() as app:
        require_known(app, company=company)
        report = app.catalogue.start_run(StartRun(company, dry_run, actor(), reason))
    if as_json:
        print_json({**run_document(report), "dry_run": dry_run})
    else:
        print_line(run_summary(report, dry_run=dry_run))


@_group.command("list", epilog="Example: billhook invoices list --company 777 --json")
def list_invoices(
    company: Company = None,
    admin_company: Annotated[str | None, typer.Option("--admin-company", metavar="REF", help="Only this seller's.")] = None,
    order: Annotated[str | None, typer.Option("--order", metavar="REF", help="Only those with this order on them.")] = None,
    *,
    credit_notes: Annotated[bool, typer.Option("--credit-notes", help="Credit notes instead of invoices.")] = False,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """List issued invoices in the order of issue."""
    type_ = DocumentType.CREDIT_NOTE if credit_notes else DocumentType.INVOICE
    wanted = DocumentFilter(type=type_, company=company, admin_company=admin_company, order_ref=order)
    with application() as app:
        rows = app.catalogue.list_documents(wanted, id_of(after or "0", ""), limit + 1)
        if not rows:
            require_known(app, company=company, admin_company=admin_company)
    shown, key = page(rows, limit)
    following = str(key.document_id) if key else None
    if as_json:
        print_json({"invoices": [_row(row) for row in shown], "next": following})
        return
    cells = [
        (row.display_number, row.company, row.issued_on, row.currency, row.net, row.tax, row.total, len(row.orders), row.state)
        for row in shown
    ]
    print_table(
        ("number", "company", "issued", "currency", "net", "tax", "total", "orders", "state"), cells, nothing(after, "None is issued.")
    )
    say_more(following)


def _row(row: DocumentRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "display_number": row.display_number,
        "type": row.type,
        "admin_company": row.admin_company,
        "company": row.company,
        "issued_on": row.issued_on,
        "currency": row.currency,
        "net": row.net,
        "tax": row.tax,
        "total": row.total,
        "orders": row.orders,
        "state": row.state,
        "corrects": row.corrects or None,
    }


@_group.command("show", epilog="Example: billhook invoices show INV-000001")
def show(number: Number, *, as_json: AsJson = False) -> None:
    """Show an invoice or a credit note with its lines and taxes."""
    with application() as app:
        document = stored_document(app.catalogue.show_document(number))
    if as_json:
        print_json(document)
        return
    print_facts({key: value for key, value in document.items() if key not in _NOT_SHOWN})
    print_facts({"seller": document["seller"]["name"], "buyer": document["buyer"]["name"]})
    print_line()
    lines = document["lines"]
    columns = ("order_ref", "sku", "description", "quantity", "unit_price", "net", "tax_rate")
    print_table(columns, [tuple(line[column] for column in columns) for line in lines], "No lines.")
    print_table(("category", "rate", "net", "tax", "reason"), [tuple(row.values()) for row in document["taxes"]], "No tax.")


@_group.command("document", epilog="Example: billhook invoices document INV-000001 --format pdf -o invoice.pdf")
def document(
    number: Number,
    file_format: Annotated[str, typer.Option("--format", metavar="pdf|xml|json", help="PDF for people, XML or JSON for programs.")] = "pdf",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is the standard output.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write an issued document to a file. The same document always gives the same bytes."""
    with application() as app:
        content = app.catalogue.render_document(number, file_format)
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    file = output or Path(re.sub(r"[^\w.\-]", "_", number) + f".{file_format}")
    write_file(file, content)
    if as_json:
        print_json({"file": str(file), "format": file_format, "bytes": len(content)})
    else:
        say(f"Wrote {file}")


_group.command("credit", epilog="Example: billhook invoices credit INV-000001 --order 90001 --reason 'Wrong price'")(credit)
