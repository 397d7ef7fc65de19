"""`billhook lanes`: the queue of each integration."""

from typing import Any

import typer

from application.queries.list_lanes import LaneStanding
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.naming import require_known
from entrypoints.cli.options import After, AsJson, Company, Limit
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import print_json, print_table
from entrypoints.cli.session import application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="lanes", help="Lanes: how much waits where, and for what.", rich_help_panel="Operations")


@_group.command("list", epilog="Example: billhook lanes list")
def list_lanes(company: Company = None, limit: Limit = 50, after: After = "", *, as_json: AsJson = False) -> None:
    """List the lanes: what is open, since when, the next try, what holds them back, calls left of the vendor's day."""
    with application() as app:
        rows = app.catalogue.list_lanes(after, limit + 1, company)
        if not rows:
            require_known(app, company=company)
    shown, key = page(rows, limit)
    following = key.lane.integration if key else None
    if as_json:
        print_json({"lanes": [_row(each) for each in shown], "next": following})
        return
    columns = ("integration", "state", "open", "oldest", "next try", "calls left", "reason")
    cells = [
        (each.lane.integration, each.state, each.lane.depth, each.lane.oldest, each.next_at, each.calls_left, each.reason) for each in shown
    ]
    print_table(columns, cells, nothing(after, "No integration is declared."))
    say_more(following)


def _row(standing: LaneStanding) -> dict[str, Any]:
    lane = standing.lane
    return {
        "integration": lane.integration,
        "company": lane.company,
        "kind": lane.kind,
        "state": standing.state,
        "open": lane.depth,
        "oldest": lane.oldest,
        "next_at": standing.next_at,
        "worker": lane.owner or None,
        "failures": lane.failures,
        "reason": standing.reason,
        "calls_left": standing.calls_left,
    }
