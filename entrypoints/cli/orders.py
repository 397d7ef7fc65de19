"""`billhook orders`: what came in, and why it is invoiced or not."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from application.ports.orders import OrderFilter, OrderRow
from application.ports.quarantine import IncomingMessage
from application.queries.explain_order import Explanation
from application.queries.show_order import OrderDetails
from application.use_cases.accept_messages import AcceptedMessages
from application.use_cases.import_orders import ImportOrders
from domain.invoicing.decision import Decision
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.naming import read_code, require_known
from entrypoints.cli.options import After, AsJson, Company, DryRun, Limit, existing, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import print_facts, print_json, print_line, print_table, say
from entrypoints.cli.progress import progress
from entrypoints.cli.session import actor, application
from entrypoints.order_files import read_messages

if TYPE_CHECKING:
    from entrypoints.container import Application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="orders", help="Orders: bring in, list, show, explain.", rich_help_panel="Orders and invoices")


@_group.command("import", epilog="Example: billhook orders import orders.jsonl --dry-run")
def import_orders(
    file: Annotated[
        Path,
        typer.Argument(callback=existing, help="JSON lines, one order, or an array; - is the standard input."),
    ],
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take orders from a file, the same way as from the queue. The same file again changes nothing."""
    with application() as app:
        result = import_messages(app, ImportOrders(_messages(file), _name(file), actor(), dry_run=dry_run))
    if as_json:
        print_json({**_counts(result), "dry_run": dry_run})
    else:
        print_line(summary(result, dry_run=dry_run))
    if result.quarantined:
        say("Some messages could not be read. See them with: billhook quarantine list")
        raise typer.Exit(ExitCode.PARTLY_DONE if _counts(result)["read"] else ExitCode.FAILED)


def _name(file: Path) -> str:
    """What the file is called in the audit log, and its messages after it. No database keeps a name that is no text."""
    return "stdin" if str(file) == "-" else file.name.encode(errors="backslashreplace").decode()


def _messages(file: Path) -> Iterator[IncomingMessage]:
    if str(file) == "-":
        yield from read_messages(_name(file), sys.stdin.buffer)
        return
    with file.open("rb") as stream:
        yield from read_messages(_name(file), stream)


def import_messages(app: "Application", command: ImportOrders) -> AcceptedMessages:
    """Import, and show how far it came."""
    with progress("Orders") as report:
        return app.catalogue.import_orders(replace(command, batch_size=app.settings.intake_batch_size, progress=report))


def _counts(result: AcceptedMessages) -> dict[str, int]:
    return {
        "read": result.accepted + result.duplicate + result.stale,
        "accepted": result.accepted,
        "duplicate": result.duplicate,
        "stale": result.stale,
        "quarantined": result.quarantined,
    }


def summary(result: AcceptedMessages, *, dry_run: bool = False) -> str:
    """What became of the messages, in one sentence."""
    known = f"{result.duplicate} known already, {result.stale} older than known"
    text = f"{result.accepted} new or newer, {known}, {result.quarantined} quarantined."
    return f"{text} (dry run: nothing was kept)" if dry_run else text


def _decision(text: str) -> Decision:
    return read_code(Decision, "decision", text)


@_group.command("list", epilog="Example: billhook orders list --not-invoiced --decision price_missing --json")
def list_orders(
    company: Company = None,
    decision: Annotated[
        Decision | None, typer.Option("--decision", parser=_decision, metavar="CODE", help="Only orders decided so, e.g. on_hold.")
    ] = None,
    *,
    invoiced: Annotated[
        bool | None, typer.Option("--invoiced/--not-invoiced", help="Only orders on a live invoice, or only others.")
    ] = None,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """List orders and where they stand."""
    wanted = OrderFilter(company, decision.value if decision else None, invoiced)
    with application() as app:
        rows = app.catalogue.list_orders(wanted, id_of(after or "0", ""), limit + 1)
        if not rows:
            require_known(app, company=company)
    shown, key = page(rows, limit)
    following = str(key.order_id) if key else None
    if as_json:
        print_json({"orders": [_row(row) for row in shown], "next": following})
        return
    cells = [(row.ref, row.company, row.status, row.decision, row.invoice_number, row.received_at) for row in shown]
    print_table(("ref", "company", "status", "decision", "invoice", "received"), cells, nothing(after, "No orders are like that."))
    say_more(following)


def _row(row: OrderRow) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "source": row.source,
        "external_ref": row.external_ref,
        "company": row.company,
        "status": row.status,
        "decision": row.decision,
        "invoice_number": row.invoice_number or None,
        "version": row.version,
        "created_at": row.created_at,
        "received_at": row.received_at,
    }


@_group.command("show", epilog="Example: billhook orders show 90001")
def show_order(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The order's ref, or SOURCE:REF.")], *, as_json: AsJson = False
) -> None:
    """Show the newest version of an order, and every message about it."""
    with application() as app:
        document = _order(app.catalogue.show_order(ref))
    if as_json:
        print_json(document)
        return
    print_facts({key: value for key, value in document.items() if key not in {"lines", "messages"}})
    print_line()
    lines = [tuple(line.values()) for line in document["lines"]]
    print_table(tuple(document["lines"][0]) if lines else (), lines, "The order has no lines.")
    messages = [tuple(message.values()) for message in document["messages"]]
    print_table(("at", "outcome", "version", "message", "detail"), messages, "")


def _order(details: OrderDetails) -> dict[str, Any]:
    stored, order = details.stored, details.order
    return {
        "ref": stored.ref,
        "source": stored.source,
        "external_ref": order.external_ref,
        "company": stored.company_ref,
        "status": order.status_name or str(order.status if order.status is not None else ""),
        "decision": stored.decision,
        "invoice_number": stored.invoice_number or None,
        "version": order.version,
        "created_at": order.created_at,
        "dispatched_at": order.dispatched_at,
        "payment_status": order.payment_status,
        "currency": order.currency,
        "customer": order.billing.name,
        "shipping_price": order.shipping_price,
        "lines": [
            {
                "ref": line.ref,
                "sku": line.sku,
                "description": line.description,
                "quantity": line.quantity,
                "unit_cost_price": line.unit_cost_price,
                "tax_code": line.tax_code,
            }
            for line in order.lines
        ],
        "messages": [
            {"at": at, "outcome": arrival.outcome, "version": arrival.version, "message_id": arrival.message_id, "detail": arrival.detail}
            for at, arrival in details.arrivals
        ],
    }


@_group.command("explain", epilog="Example: billhook orders explain 90001")
def explain_order(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The order's ref, or SOURCE:REF.")], *, as_json: AsJson = False
) -> None:
    """Explain why an order is invoiced or not: every rule, judged now, with the facts and the fix."""
    with application() as app:
        explanation = app.catalogue.explain_order(ref)
    if as_json:
        print_json(_explanation(explanation))
    else:
        _print_explanation(explanation)


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "ref": explanation.ref,
        "source": explanation.source,
        "company": explanation.company,
        "decision": explanation.decision,
        "invoice_number": explanation.invoice_number or None,
        "rules": [{"code": rule.code, "passed": rule.passed, "facts": rule.facts, "fix": rule.fix} for rule in explanation.rules],
        "difference": explanation.difference or None,
    }


def _print_explanation(explanation: Explanation) -> None:
    on = f", on invoice {explanation.invoice_number}" if explanation.invoice_number else ""
    print_line(f"Order {explanation.ref}: {explanation.decision}{on}")
    for rule in explanation.rules:
        print_line(f"  {'passes' if rule.passed else 'FAILS '}  {rule.code}")
        if not rule.passed:
            for name, value in rule.facts.items():
                print_line(f"            {name}: {value}")
            print_line(f"            -> {rule.fix}")
    for name, values in explanation.difference.items():
        print_line(f"  {name}: {'; '.join(values) or 'nothing'}")
