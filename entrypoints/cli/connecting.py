"""`billhook connect` and `disconnect`: the consent of a vendor's user; `connections`: how it stands with each."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from application.accounting.next_steps import connect_command
from application.ports.connections import ConnectionState
from application.ports.oauth import Organisation
from application.queries.list_connections import ConnectionRow
from application.use_cases.begin_connect import BeginConnect, BegunConnect, Connected
from application.use_cases.disconnect import Disconnect, Disconnected
from application.use_cases.finish_connect import ChooseOrganisation, FinishConnect
from domain.errors import NotFound
from entrypoints.cli.completing import company_refs, integration_paths
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.options import After, AsJson, DryRun, Limit, Reason, Yes
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import confirm, count_of, moment, print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

if TYPE_CHECKING:
    from entrypoints.container import Application

_PANEL = "Configuration"
_BROWSER_S = 600.0
_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)

Kind = Annotated[str, typer.Argument(metavar="KIND", help="xero, fortnox or jortt.")]
OfCompany = Annotated[str, typer.Option("--company", metavar="REF", autocompletion=company_refs, help="The company that is invoiced.")]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="Which one, where the company has several of the kind.")]
Begin = Annotated[bool, typer.Option("--begin", help="Only print the address of consent; finish with --finish.")]
Finish = Annotated[
    str, typer.Option("--finish", metavar="ADDRESS", help="The address the browser was sent back to; - reads it from stdin.")
]
OrganisationId = Annotated[
    str, typer.Option("--organisation", metavar="ID", help="Which one, by id or name, where the consent reaches several.")
]
Path = Annotated[str, typer.Argument(metavar="[COMPANY/KIND]", autocompletion=integration_paths, help="Default: all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("connect", rich_help_panel=_PANEL, epilog="Example: billhook connect xero --company 777")(connect)
    app.command("disconnect", rich_help_panel=_PANEL, epilog="Example: billhook disconnect xero --company 777 --reason moved")(disconnect)
    app.add_typer(_group, name="connections", help="Connections to vendors: list, status.", rich_help_panel=_PANEL)


def connect(
    kind: Kind,
    company: OfCompany,
    name: Name = "",
    *,
    begin: Begin = False,
    finish: Finish = "",
    organisation: OrganisationId = "",
    as_json: AsJson = False,
) -> None:
    """Connect an integration with its vendor: get the user's consent, and keep the tokens."""
    if begin and finish:
        raise typer.BadParameter("--begin and --finish are two steps: give one of them.")
    with application() as app:
        path = app.container.accounting().desk.path_of(company, kind, name)
        if finish:
            _finish(app, path, _address(finish), organisation, as_json=as_json)
            return
        begun = app.catalogue.begin_connect(BeginConnect(path, actor()))
        if isinstance(begun, Connected):
            _report(begun, as_json=as_json)
        elif begin:
            _report_begun(begun, as_json=as_json)
        else:
            _finish(app, path, _consented(begun, as_json=as_json), organisation, as_json=as_json)


def _address(finish: str) -> str:
    return sys.stdin.readline().strip() if finish == "-" else finish


def _report_begun(begun: BegunConnect, *, as_json: bool) -> None:
    if as_json:
        print_json({"integration": begun.integration, "authorize_url": begun.authorize_url, "state": begun.state})
        return
    print_line(begun.authorize_url)
    say(f"Open this address and agree. Then: {connect_command(begun.integration)} --finish 'THE ADDRESS THE BROWSER ENDED AT'")


def _consented(begun: BegunConnect, *, as_json: bool) -> str:
    """The address the vendor sent the browser back to: listened for where it leads to this machine, else pasted."""
    from entrypoints.cli.loopback import Loopback, NoListener  # noqa: PLC0415 - loads a server

    tell = say if as_json else print_line
    tell(f"Open this address in a browser and agree:\n\n  {begun.authorize_url}\n")
    try:
        with Loopback(begun.redirect_uri, begun.state) as loopback:
            say(f"Waiting for the browser at {begun.redirect_uri}. Is it on another machine? Stop with Ctrl-C, and then:")
            say(f"  {connect_command(begun.integration)} --finish 'THE ADDRESS THE BROWSER ENDED AT'")
            sys.stdout.flush()
            return loopback.wait(_BROWSER_S) or _nothing_came(begun)
    except NoListener:
        say("Paste the address the browser ended at (it may show an error page):")
        return sys.stdin.readline().strip() or _nothing_came(begun)


def _nothing_came(begun: BegunConnect) -> str:
    say(f"No answer came. Finish within the hour: {connect_command(begun.integration)} --finish 'THE ADDRESS THE BROWSER ENDED AT'")
    raise typer.Exit(ExitCode.PARTLY_DONE)


def _finish(app: "Application", path: str, address: str, organisation: str, *, as_json: bool) -> None:
    finished = app.catalogue.finish_connect(FinishConnect(path, address, actor(), organisation))
    if isinstance(finished, ChooseOrganisation) and sys.stdin.isatty() and not as_json:
        chosen = _ask(finished.organisations)
        finished = app.catalogue.finish_connect(FinishConnect(path, address, actor(), chosen))
    if isinstance(finished, Connected):
        _report(finished, as_json=as_json)
        return
    _report_choice(finished, as_json=as_json)
    raise typer.Exit(ExitCode.PARTLY_DONE)


def _ask(organisations: tuple[Organisation, ...]) -> str:
    for number, each in enumerate(organisations, 1):
        say(f"{number}  {each.name} ({each.organisation_id})")
    number = 0
    while not 0 < number <= len(organisations):
        number = int(typer.prompt("Which one are the invoices for", type=int, err=True))
    return organisations[number - 1].organisation_id


def _report_choice(choice: ChooseOrganisation, *, as_json: bool) -> None:
    next_step = f"{connect_command(choice.integration)} --finish 'THE ADDRESS THE BROWSER ENDED AT' --organisation ID"
    rows = [{"organisation_id": each.organisation_id, "name": each.name} for each in choice.organisations]
    if as_json:
        print_json({"integration": choice.integration, "connected": False, "organisations": rows, "next_step": next_step})
    else:
        print_table(("id", "organisation"), [tuple(row.values()) for row in rows], "")
        say(f"The consent reaches {count_of(len(rows), 'organisation')}. Say which: {next_step}")


def _report(connected: Connected, *, as_json: bool) -> None:
    connection = connected.connection
    if as_json:
        organisation = {"id": connection.organisation_id, "name": connection.organisation_name}
        print_json(
            {
                "integration": connection.integration,
                "connected": True,
                "again": connected.again,
                "organisation": organisation,
                "scopes": connection.scopes,
            }
        )
        return
    print_line(f"{connection.integration} is connected to {connection.organisation_name} ({connection.organisation_id}).")
    if connected.again:
        say("What waited for it goes on now.")


def disconnect(
    kind: Kind,
    company: OfCompany,
    name: Name = "",
    *,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a connection, at the vendor and here. Its deliveries wait until it is connected again."""
    with application() as app:
        path = app.container.accounting().desk.path_of(company, kind, name)
        if not dry_run:
            confirm(f"Disconnect {path}? Its deliveries will wait.", yes=yes)
        ended = app.catalogue.disconnect(Disconnect(path, actor(), reason, dry_run=dry_run))
    _report_ended(ended, dry_run=dry_run, as_json=as_json)


def _report_ended(ended: Disconnected, *, dry_run: bool, as_json: bool) -> None:
    connection = ended.connection
    if as_json:
        organisation = None if connection is None else {"id": connection.organisation_id, "name": connection.organisation_name}
        changed = connection is not None
        document = {"integration": ended.integration, "disconnected": changed, "organisation": organisation}
        print_json({**document, "shared_with": ended.shared_with, "dry_run": dry_run})
    elif connection is None:
        say(f"{ended.integration} is not connected.")
    else:
        would = "would be" if dry_run else "is"
        print_line(f"{ended.integration} {would} disconnected from {connection.organisation_name} ({connection.organisation_id}).")
        if ended.shared_with:
            say(f"The consent at the vendor stays: {', '.join(ended.shared_with)} lives by it.")


@_group.command("list", epilog="Example: billhook connections list --json")
def list_connections(*, limit: Limit = 50, after: After = "", as_json: AsJson = False) -> None:
    """List the integrations that need a consent, connected or not."""
    with application() as app:
        rows = [row for row in app.catalogue.list_connections() if row.integration.path > after]
    shown, key = page(rows[: limit + 1], limit)
    following = key.integration.path if key else None
    if as_json:
        print_json({"connections": [_row(row) for row in shown], "next": following})
        return
    cells = [
        (row.integration.path, row.state, row.organisation_name, row.access_expires_at, row.calls_left_today, row.next_step)
        for row in shown
    ]
    columns = ("integration", "state", "organisation", "access until", "calls left today", "next step")
    print_table(columns, cells, nothing(after, "No integration needs a connection."))
    say_more(following)


@_group.command("status", epilog="Example: billhook connections status 777/xero. Exit code 4 where somebody has to connect.")
def status(integration: Path = "", *, as_json: AsJson = False) -> None:
    """Show organisation, scopes, expiry and the calls left today, of one connection or of all."""
    with application() as app:
        rows = [row for row in app.catalogue.list_connections() if integration in {"", row.integration.path}]
    if integration and not rows:
        raise NotFound("connection", integration, "billhook connections list")
    waiting = [row for row in rows if row.integration.enabled and row.state is not ConnectionState.OK]
    if as_json:
        print_json({"ok": not waiting, "connections": [_row(row) for row in rows]})
    for row in () if as_json else rows:
        print_facts({name: moment(value) if name.endswith("_at") else value for name, value in _row(row).items()})
        print_line()
    if not rows:
        say("No integration needs a connection.")
    if waiting:
        say(f"{count_of(len(waiting), 'connection')} of {len(rows)} must be made by a person: see next_step.")
        raise typer.Exit(ExitCode.NEEDS_RECONNECT)


def _row(row: ConnectionRow) -> dict[str, Any]:
    return {
        "integration": row.integration.path,
        "kind": row.integration.kind,
        "company": row.integration.company,
        "enabled": row.integration.enabled,
        "state": row.state,
        "reason": row.reason or None,
        "organisation_id": row.organisation_id or None,
        "organisation_name": row.organisation_name or None,
        "scopes": row.scopes,
        "access_expires_at": row.access_expires_at,
        "refreshed_at": row.refreshed_at,
        "connected_at": row.connected_at,
        "consent_begun_at": row.consent_begun_at,
        "calls_left_today": row.calls_left_today,
        "next_step": row.next_step or None,
    }
