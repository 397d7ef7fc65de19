"""`billhook numbers`: how far the series have come, here and in the vendors' books."""

from typing import Annotated, Any

import typer

from application.number_guarding import SeriesStanding
from application.use_cases.lift_number_guard import LiftNumberGuard
from domain.invoicing.document import DocumentType
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.naming import read_code
from entrypoints.cli.options import AsJson, DryRun, Reason
from entrypoints.cli.presenting import print_json, print_line, print_table
from entrypoints.cli.session import actor, application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)


def _type(text: str) -> DocumentType:
    return read_code(DocumentType, "type of document", text)


TypeName = Annotated[DocumentType, typer.Option("--type", parser=_type, metavar="TYPE", help="invoice or credit_note.")]
AdminRef = Annotated[str, typer.Argument(metavar="ADMIN_COMPANY", help="The owner of the series.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="numbers", help="Number series: list, lift.", rich_help_panel="Proof")


@_group.command("list", epilog="Example: billhook numbers list")
def list_series(*, as_json: AsJson = False) -> None:
    """List the number series: the last number issued here, and the highest seen in a vendor's books by `billhook reconcile`."""
    with application() as app:
        rows = app.catalogue.list_number_series()
    if as_json:
        print_json({"series": [_row(each) for each in rows]})
        return
    columns = ("admin company", "type", "last here", "highest there", "in the books of", "state")
    cells = [
        (each.admin_company, each.type.value, each.last_number, _seen(each, "number"), _seen(each, "integration"), _state(each))
        for each in rows
    ]
    print_table(columns, cells, "Nothing was issued yet.")


@_group.command("lift", epilog="Example: billhook numbers lift acme-print --reason 'INV-000900 was typed by hand in Xero, see ticket 12'")
def lift(
    admin_company: AdminRef,
    type_: TypeName = DocumentType.INVOICE,
    reason: Reason = "",
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let a series go on below a number that is in a vendor's books: only where that number is not of this series.

    After a restored backup it IS of this series: restore a newer backup instead, or the same number is issued twice.
    """
    with application() as app:
        standing = app.catalogue.lift_number_guard(LiftNumberGuard(admin_company, type_, reason, actor(), dry_run))
    if as_json:
        print_json({**_row(standing), "lifted": not dry_run, "dry_run": dry_run})
        return
    would = "Would let" if dry_run else "Let"
    print_line(f"{would} the {type_.value.replace('_', ' ')} series of {admin_company} go on behind number {standing.last_number}.")


def _state(standing: SeriesStanding) -> str:
    if standing.is_behind:
        return "behind"
    guard = standing.guard
    return "lifted" if guard is not None and guard.seen.number > standing.last_number else "ok"


def _seen(standing: SeriesStanding, name: str) -> object:
    return None if standing.guard is None else getattr(standing.guard.seen, name)


def _row(standing: SeriesStanding) -> dict[str, Any]:
    return {
        "admin_company": standing.admin_company,
        "type": standing.type,
        "last_number": standing.last_number,
        "highest_seen": _seen(standing, "number"),
        "display_number": _seen(standing, "display_number"),
        "integration": _seen(standing, "integration"),
        "seen_at": None if standing.guard is None else standing.guard.seen_at,
        "state": _state(standing),
    }
