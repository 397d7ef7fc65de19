"""`billhook incidents`: what lasts and needs a person, one row for each cause and subject."""

from typing import Annotated, Any

import typer

from domain.delivery.incident import Incident
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.naming import require_known
from entrypoints.cli.options import After, AsJson, Company, Limit, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import print_json, print_table
from entrypoints.cli.session import application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
_PREFIX = "inc_"
OpenOnly = Annotated[bool, typer.Option("--open", help="Only those that are not over.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(
        _group, name="incidents", help="Incidents: what is wrong with which connection, since when.", rich_help_panel="Operations"
    )


@_group.command("list", epilog="Example: billhook incidents list --open")
def list_incidents(
    company: Company = None, limit: Limit = 50, after: After = "", *, open_only: OpenOnly = False, as_json: AsJson = False
) -> None:
    """List incidents, oldest first: the cause, since when, how often, and what to do. They end by themselves when the cause does."""
    with application() as app:
        rows = app.catalogue.list_incidents(id_of(after or "0", _PREFIX), limit + 1, open_only=open_only, company=company)
        if not rows:
            require_known(app, company=company)
    shown, key = page(rows, limit)
    following = _name(key) if key else None
    if as_json:
        print_json({"incidents": [_row(each) for each in shown], "next": following})
        return
    columns = ("id", "cause", "subject", "count", "since", "over", "text", "what to do")
    cells = [
        (_name(each), each.cause, each.subject, each.count, each.opened_at, each.resolved_at, each.text, each.next_step) for each in shown
    ]
    print_table(columns, cells, nothing(after, "No incident is open." if open_only else "There was no incident."))
    say_more(following)


def _name(incident: Incident) -> str:
    return f"{_PREFIX}{incident.incident_id}"


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "id": _name(incident),
        "cause": incident.cause,
        "subject": incident.subject,
        "company": incident.company or None,
        "count": incident.count,
        "opened_at": incident.opened_at,
        "last_seen_at": incident.last_seen_at,
        "reminded_at": incident.reminded_at,
        "resolved_at": incident.resolved_at,
        "text": incident.text,
        "next_step": incident.next_step,
    }
