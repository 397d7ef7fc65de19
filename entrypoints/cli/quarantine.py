"""`billhook quarantine`: messages that could not be read."""

from typing import Annotated, Any

import typer

from application.ports.quarantine import QuarantinedMessage
from application.use_cases.accept_messages import AcceptedMessages
from application.use_cases.dismiss_quarantined import DismissQuarantined
from application.use_cases.replay_quarantine import ReplayQuarantine
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.options import After, AsJson, DryRun, Limit, Reason, Since, Yes, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import confirm, count_of, print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
_PREFIX = "qrt_"
_PAGE = 500


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(
        _group,
        name="quarantine",
        help="Messages that could not be read: list, show, replay, dismiss.",
        rich_help_panel="Orders and invoices",
    )


@_group.command("list", epilog="Example: billhook quarantine list --json")
def list_quarantine(
    since: Since = None,
    *,
    everything: Annotated[bool, typer.Option("--all", "--replayed", help="Also those that were read after all or dismissed.")] = False,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """List the messages that are set aside."""
    with application() as app:
        rows = app.catalogue.list_quarantine(id_of(after or "0", _PREFIX), limit + 1, open_only=not everything, since=since)
    shown, key = page(rows, limit)
    following = f"{_PREFIX}{key.quarantine_id}" if key else None
    if as_json:
        print_json({"quarantine": [_row(row) for row in shown], "next": following})
        return
    cells = [
        (f"{_PREFIX}{row.quarantine_id}", row.state, row.received_at, row.message.origin, row.message.message_id, row.size, row.reason)
        for row in shown
    ]
    print_table(("id", "state", "received", "origin", "message", "bytes", "reason"), cells, nothing(after, "Nothing is in quarantine."))
    say_more(following)


def _row(row: QuarantinedMessage) -> dict[str, Any]:
    return {
        "id": f"{_PREFIX}{row.quarantine_id}",
        "state": row.state,
        "message_id": row.message.message_id,
        "origin": row.message.origin,
        "type": row.message.type,
        "routing_key": row.message.routing_key,
        "reason": row.reason,
        "path": row.path,
        "size": row.size,
        "body_sha256": row.body_sha256,
        "received_at": row.received_at,
        "replayed_at": row.replayed_at,
        "dismissed_at": row.dismissal.at if row.dismissal else None,
        "dismissed_by": row.dismissal.actor if row.dismissal else None,
        "dismissed_because": row.dismissal.reason if row.dismissal else None,
    }


@_group.command("show", epilog="Example: billhook quarantine show qrt_3")
def show(quarantine_id: Annotated[str, typer.Argument(metavar="ID", help="Such as qrt_3.")], *, as_json: AsJson = False) -> None:
    """Show a message with its headers and its body."""
    with application() as app:
        row = app.catalogue.list_quarantine.one(id_of(quarantine_id, _PREFIX))
    body = row.message.body.decode(errors="backslashreplace")
    if as_json:
        print_json({**_row(row), "headers": row.message.headers, "body": body})
        return
    print_facts({**_row(row), "headers": row.message.headers})
    print_line()
    # Not as it is: what somebody sent us may hold commands to the terminal.
    print_line("".join(character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}" for character in body))


@_group.command("replay", epilog="Example: billhook quarantine replay qrt_3")
def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Such as qrt_3.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that are set aside.")] = False,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read messages again, after a mend; what still cannot be read stays."""
    if bool(ids) == everything:
        raise typer.BadParameter("Name either ids or --all.")
    with application() as app:
        wanted = tuple(id_of(text, _PREFIX) for text in ids or ())
        if everything and not dry_run:
            count = len(app.catalogue.list_quarantine(0, _PAGE))
            at_least = "at least " if count == _PAGE else ""
            confirm(f"Read {at_least}{count_of(count, 'message')} again?", yes=yes or count == 0)
        result = app.catalogue.replay_quarantine(ReplayQuarantine(wanted, dry_run, actor(), reason))
    tell_what_was_read(result, dry_run=dry_run, as_json=as_json)


def orders_read(result: AcceptedMessages) -> int:
    """How many orders could be read, whatever became of them."""
    return result.accepted + result.duplicate + result.stale


def tell_what_was_read(result: AcceptedMessages, *, dry_run: bool, as_json: bool) -> None:
    """The answer of a replay, and its exit code."""
    read = orders_read(result)
    if as_json:
        counts = {"accepted": result.accepted, "duplicate": result.duplicate, "stale": result.stale}
        print_json({**counts, "quarantined": result.quarantined, "dry_run": dry_run})
    else:
        would = "can be read" if dry_run else "read"
        print_line(f"{count_of(read, 'order')} {would}, {count_of(result.quarantined, 'message')} still cannot be read.")
    if result.quarantined:
        say("Why, and what to do: billhook quarantine show ID")
        raise typer.Exit(ExitCode.PARTLY_DONE if read else ExitCode.FAILED)


@_group.command("dismiss", epilog="Example: billhook quarantine dismiss qrt_3 --reason 'The sender sent order 90041 again'")
def dismiss(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Such as qrt_3.")],
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Close messages that were mended by hand: they are kept, and never read again."""
    if not reason.strip():
        raise typer.BadParameter("Say why with --reason TEXT: it is kept in the audit log, and nobody looks at the message again.")
    wanted = tuple(dict.fromkeys(id_of(text, _PREFIX) for text in ids))
    with application() as app:
        app.catalogue.dismiss_quarantined(DismissQuarantined(wanted, reason, actor(), dry_run))
    if as_json:
        print_json({"dismissed": [f"{_PREFIX}{id_}" for id_ in wanted], "dry_run": dry_run})
    else:
        print_line(f"{'Would dismiss' if dry_run else 'Dismissed'} {count_of(len(wanted), 'message')}.")
