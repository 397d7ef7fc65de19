"""`billhook audit`: who did what, when and why."""

from typing import Annotated

import typer

from application.ports.audit_log import AuditFilter
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.options import After, AsJson, Limit, Since, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import print_json, print_table
from entrypoints.cli.session import application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="audit", help="Audit log: who did what, when and why.", rich_help_panel="Operations")


@_group.command("list", epilog="Example: billhook audit list --since 2026-11-01 --action paused")
def list_audit(
    by: Annotated[str | None, typer.Option("--actor", metavar="LOGIN", help="Only what this person or role did.")] = None,
    action: Annotated[str | None, typer.Option("--action", metavar="NAME", help="Only this act, e.g. paused.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", metavar="NAME", help="Only what was done to this, e.g. dlv_17.")] = None,
    since: Since = None,
    limit: Limit = 50,
    after: After = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List what people and roles did, newest first. Nothing in it is ever changed or deleted."""
    wanted = AuditFilter(by, action, subject, since)
    with application() as app:
        rows = app.catalogue.list_audit(wanted, id_of(after or "0", ""), limit + 1)
    shown, key = page(rows, limit)
    following = str(key.entry_id) if key else None
    entries = [each.entry for each in shown]
    if as_json:
        names = ("at", "actor", "action", "subject", "reason", "detail")
        print_json({"entries": [{name: getattr(entry, name) for name in names} for entry in entries], "next": following})
        return
    cells = [(entry.at, entry.actor, entry.action, entry.subject, entry.reason, entry.detail) for entry in entries]
    print_table(("at", "who", "did", "to", "why", "detail"), cells, nothing(after, "Nobody did anything like that."))
    say_more(following)
