"""`billhook verify` and `billhook trace`."""

from typing import Annotated

import typer

from application.use_cases.verify import Verify
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.options import AsJson
from entrypoints.cli.presenting import print_json, print_line, print_table, say
from entrypoints.cli.session import application

_PANEL = "Proof"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("verify", rich_help_panel=_PANEL, epilog="Example: billhook verify --json. Exit code 7 where a check fails.")(verify)
    app.command("trace", rich_help_panel=_PANEL, epilog="Example: billhook trace INV-000001")(trace)


def verify(*, as_json: AsJson = False) -> None:
    """Prove that nothing is missing, doubled or changed: series, hashes, orders, deliveries."""
    with application() as app:
        report = app.catalogue.verify(Verify())
    if as_json:
        checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in report.checks]
        print_json({"ok": report.ok, "checks": checks})
    else:
        for check in report.checks:
            print_line(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    if not report.ok:
        say("Do not issue more before this is understood. What happened to one document: billhook trace NUMBER")
        raise typer.Exit(ExitCode.CHECK_FAILED)


def trace(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An order, an invoice or credit note, a delivery, a message, a run, a replay, an incident, or a subject of the audit log.",
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one time line: messages, decision, number, deliveries with every attempt, mails, and what people did."""
    with application() as app:
        events = app.catalogue.trace(name)
    if as_json:
        rows = [{"at": event.at, "subject": event.subject, "event": event.event, "detail": event.detail} for event in events]
        print_json({"id": name, "events": rows})
    else:
        cells = [(event.at, event.subject, event.event, event.detail) for event in events]
        print_table(("at", "subject", "event", "detail"), cells, "")
