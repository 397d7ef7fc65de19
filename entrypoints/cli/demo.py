"""`billhook demo`: the main job from end to end, on this machine, with nothing to set up."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from application.configuration_mistakes import ConfigurationRefused
from application.ports.documents import DocumentFilter, DocumentRow
from application.ports.orders import OrderFilter
from application.use_cases.accept_messages import AcceptedMessages
from application.use_cases.apply_configuration import ApplyConfiguration
from application.use_cases.decide_orders import DecideOrders
from application.use_cases.drain_lane import DrainLane
from application.use_cases.execute_run import RunReport
from application.use_cases.import_orders import ImportOrders
from application.use_cases.send_alerts import SendAlerts
from application.use_cases.start_run import StartRun
from domain.errors import DomainError
from entrypoints.cli.configuration import configuration_reader
from entrypoints.cli.files import write_file
from entrypoints.cli.invoice_documents import run_summary
from entrypoints.cli.options import AsJson
from entrypoints.cli.orders import import_messages, summary
from entrypoints.cli.presenting import count_of, print_json, print_line, say
from entrypoints.cli.progress import progress
from entrypoints.cli.session import application

if TYPE_CHECKING:
    from entrypoints.container import Application

_PAGE = 500
_NEXT = (
    ("orders list --not-invoiced", "which orders wait"),
    ("orders explain REF", "and why"),
    ("quarantine list", "what could not be read"),
    ("invoices list", "what was issued"),
    ("verify", "prove that nothing is missing or doubled"),
    ("demo", "again: nothing is invoiced twice"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", rich_help_panel="Start", epilog="Example: billhook demo. Run it twice: nothing is invoiced twice.")(demo)


def demo(*, as_json: AsJson = False) -> None:
    """See it work: sample orders in, invoices out, PDFs and mails to open. Needs no server and sends nothing to anybody."""
    with application(embedded=True, schema_is_old=True, creates=True) as app:
        _prepare_schema(app)
        companies = _apply(app)
        accepted = _take_orders(app)
        reports = [app.catalogue.start_run(StartRun(company, actor="demo")) for company in companies]
        sent = _deliver(app, companies)
        app.catalogue.send_alerts(SendAlerts())
        documents = _write_documents(app, companies)
        mails = app.settings.data_dir / "mail"
    if as_json:
        print_json(_document(accepted, reports, sent, documents, mails))
    else:
        _print_summary(accepted, reports, sent, documents, mails)


def _prepare_schema(app: "Application") -> None:
    """Make the schema where there is none. An older one is somebody's: `billhook migrate` is theirs to run."""
    before, _ = app.schema_revisions()
    if before is None:
        app.migrate()
    app.require_schema()


def _apply(app: "Application") -> tuple[str, ...]:
    """Declare the sample companies; returns their refs. Raises DomainError("not_the_demo") where other data are here."""
    folder = Path(str(files("entrypoints.demo")))
    declared = configuration_reader(app)((folder / "configuration.yaml").read_text(encoding="utf-8"), folder, os.environ)
    command = ApplyConfiguration(declared.configuration, "demo", declared.assets, declared.secrets)
    if _holds_other_data(app, command):
        raise DomainError(
            "not_the_demo",
            f"{app.settings.data_dir.absolute()} holds data that are not the demo's; the demo would overwrite them and use up numbers.",
            "Run it in a folder of its own: BILLHOOK_DATA_DIR=demo billhook demo",
        )
    app.catalogue.apply_configuration(command)
    app.catalogue.decide_orders(DecideOrders())
    return tuple(declared.configuration.companies)


def _holds_other_data(app: "Application", command: ApplyConfiguration) -> bool:
    """Whether anything is declared here that the demo did not declare, or orders came before any declaration."""
    current, wanted = app.catalogue.export_configuration().configuration, command.wanted
    if current.revision == 0:
        return bool(app.catalogue.list_orders(OrderFilter(None, None, None), 0, 1))
    sections = ("admin_companies", "companies", "price_lists", "tax_rates", "integrations")
    if any(getattr(current, section).keys() - getattr(wanted, section).keys() for section in sections):
        return True
    try:
        return bool(app.catalogue.apply_configuration(replace(command, dry_run=True)).changes)
    except ConfigurationRefused:
        return True


def _take_orders(app: "Application") -> AcceptedMessages:
    from entrypoints.demo.orders import messages  # noqa: PLC0415 - made up on demand

    return import_messages(app, ImportOrders(messages(), "the sample orders", "demo"))


def _deliver(app: "Application", companies: Sequence[str]) -> int:
    integrations = app.catalogue.export_configuration().configuration.integrations.values()
    lanes = [integration.path for integration in integrations if integration.company in companies and integration.enabled]
    sent = 0
    with progress("Lanes", len(lanes)) as report:
        for done, lane in enumerate(lanes, 1):
            sent += app.catalogue.drain_lane(DrainLane(lane)) or 0
            report(done)
    return sent


def _write_documents(app: "Application", companies: Sequence[str]) -> list[Path]:
    """A PDF of each invoice that has none yet: they never change, so one that is there is right."""
    folder = app.settings.data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for company in companies for row in _documents(app, company)]
    written = []
    with progress("PDFs", len(rows)) as report:
        for done, row in enumerate(rows, 1):
            file = folder / f"{row.display_number}.pdf"
            if not file.exists():
                write_file(file, app.catalogue.render_document(f"{row.admin_company}:{row.display_number}"))
            written.append(file)
            report(done)
    return written


def _documents(app: "Application", company: str) -> Sequence[DocumentRow]:
    return app.catalogue.list_documents(DocumentFilter(company=company), 0, _PAGE)


def _document(
    accepted: AcceptedMessages, reports: Sequence[RunReport], sent: int, documents: Sequence[Path], mails: Path
) -> dict[str, Any]:
    return {
        "issued": [number for report in reports for number in report.display_numbers],
        "skipped": _skipped(reports),
        "quarantined": accepted.quarantined,
        "delivered": sent,
        "documents": [str(file) for file in documents],
        "mails": str(mails),
    }


def _skipped(reports: Sequence[RunReport]) -> dict[str, int]:
    skipped: dict[str, int] = {}
    for report in reports:
        for code, count in report.skipped.items():
            skipped[code] = skipped.get(code, 0) + count
    return skipped


def _print_summary(accepted: AcceptedMessages, reports: Sequence[RunReport], sent: int, documents: Sequence[Path], mails: Path) -> None:
    print_line(f"Orders: {summary(accepted)}")
    for report in reports:
        print_line(run_summary(report))
    if not any(report.issued for report in reports):
        print_line("No invoice was issued: these orders were invoiced before, and no order is invoiced twice.")
    print_line(f"Mails:  {count_of(sent, 'document')} mailed into {mails.absolute()} (open an .eml file; nothing was sent to anybody)")
    if documents:
        print_line(f"PDFs:   {count_of(len(documents), 'file')} in {documents[0].parent.absolute()}")
    command = "billhook" if shutil.which("billhook") else os.path.relpath(sys.argv[0])
    say("\nTry next:")
    for arguments, what in _NEXT:
        say(f"  {command} {arguments:<28}{what}")
