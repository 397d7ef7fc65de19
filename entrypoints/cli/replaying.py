"""`billhook replay`: drive orders, deliveries or messages again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from application.ports.replays import Replay, Replayed, Selection
from application.use_cases.replay import ContinueReplay, StartReplay
from application.use_cases.replay_quarantine import ReplayQuarantine
from domain.delivery.state import DeliveryState
from domain.errors import NotFound
from domain.invoicing.decision import Decision
from entrypoints.cli.completing import integration_paths
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.naming import read_code, require_known
from entrypoints.cli.options import After, AsJson, Company, DryRun, Limit, Reason, Since, Yes, id_of, moment_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import confirm, count_of, print_json, print_line, print_table, say
from entrypoints.cli.progress import progress
from entrypoints.cli.quarantine import orders_read, tell_what_was_read
from entrypoints.cli.session import actor, application

if TYPE_CHECKING:
    from entrypoints.container import Application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
_PREFIX = "rpl_"
_LIMIT = 10_000

Until = Annotated[
    datetime | None, typer.Option("--until", parser=moment_of, metavar="WHEN", help="Up to this day or time, which is not included.")
]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=10_000_000, metavar="COUNT", help="Look at so many, at most.")]
Rate = Annotated[float, typer.Option("--rate", min=0.0, metavar="COUNT", help="So many a second, at most; 0: as fast as it goes.")]


Everything = Annotated[bool, typer.Option("--all", help="All there are, where neither ids nor a filter are named.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(
        _group, name="replay", help="Drive orders, deliveries or messages again: what is right stays.", rich_help_panel="Operations"
    )


def _decision(text: str) -> Decision:
    return read_code(Decision, "decision", text)


def _state(text: str) -> DeliveryState:
    return read_code(DeliveryState, "state of a delivery", text)


@_group.command("orders", epilog="Example: billhook replay orders --company 777 --since 2026-11-14 --until 2026-11-21 --dry-run")
def replay_orders(
    refs: Annotated[list[str] | None, typer.Argument(metavar="[REF]...", help="Orders by ref; or name a filter instead.")] = None,
    company: Company = None,
    decision: Annotated[
        Decision | None, typer.Option("--decision", parser=_decision, metavar="CODE", help="Only orders decided so, e.g. price_missing.")
    ] = None,
    since: Since = None,
    until: Until = None,
    *,
    everything: Everything = False,
    limit: AtMost = _LIMIT,
    rate: Rate = 0.0,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide on orders again, and owe them and their invoices to integrations that should have them and do not."""
    _require_choice(bool(refs), (company, decision, since, until), everything=everything)
    with application() as app:
        ids = tuple(_order_id(app, ref) for ref in refs or ())
        wanted = Selection(ids, company, decision.value if decision else None, since=since, until=until, limit=limit)
        _replay(app, StartReplay(Replayed.ORDERS, wanted, actor(), reason, rate, dry_run), yes=yes, as_json=as_json)


def _require_choice(named: bool, filters: Sequence[object], *, everything: bool) -> None:
    """An empty filter is a slip more often than a wish, and ids beside a filter are one too: neither is guessed at."""
    *_, since, until = filters
    filtered = any(each is not None for each in filters)
    if isinstance(since, datetime) and isinstance(until, datetime) and until <= since:
        raise typer.BadParameter("--until is not later than --since: nothing lies between them.")
    if named + filtered + everything != 1:
        raise typer.BadParameter("Name either ids or a filter, or --all for everything.")


def _order_id(app: Any, ref: str) -> int:
    return int(app.catalogue.show_order(ref).stored.order_id)


@_group.command("deliveries", epilog="Example: billhook replay deliveries --integration 777/xero --state needs_human --since 2026-11-20")
def replay_deliveries(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Such as dlv_17; or name a filter instead.")] = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", parser=_state, metavar="STATE", help="Only these, e.g. needs_human.")
    ] = None,
    integration: Annotated[
        str | None,
        typer.Option("--integration", metavar="COMPANY/KIND", autocompletion=integration_paths, help="Only to this destination."),
    ] = None,
    company: Company = None,
    since: Since = None,
    until: Until = None,
    *,
    everything: Everything = False,
    limit: AtMost = _LIMIT,
    rate: Rate = 0.0,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Try again at once what needs a person or waits; what is delivered stays, what was handed over is looked up by itself."""
    _require_choice(bool(ids), (state, integration, company, since, until), everything=everything)
    with application() as app:
        named = tuple(id_of(text, "dlv_") for text in ids or ())
        wanted = Selection(named, company, None, integration, state.value if state else None, since, until, limit)
        _replay(app, StartReplay(Replayed.DELIVERIES, wanted, actor(), reason, rate, dry_run), yes=yes, as_json=as_json)


@_group.command("quarantine", epilog="Example: billhook replay quarantine --since 2026-11-20 --dry-run")
def replay_quarantine(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Such as qrt_3; or name a time instead.")] = None,
    since: Since = None,
    until: Until = None,
    *,
    everything: Everything = False,
    limit: AtMost = _LIMIT,
    rate: Rate = 0.0,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read messages that were set aside again, after a mend; what still cannot be read stays."""
    _require_choice(bool(ids), (since, until), everything=everything)
    named = tuple(id_of(text, "qrt_") for text in ids or ())
    command = ReplayQuarantine(named, dry_run, actor(), reason, since, until, limit, rate)
    with application() as app:
        if not named and not dry_run:
            command = _previewed(app, command, yes=yes)
        with _told_when_stopped(is_changing=not command.dry_run), progress("Messages") as report:
            result = app.catalogue.replay_quarantine(replace(command, progress=report))
    tell_what_was_read(result, dry_run=command.dry_run, as_json=as_json)


def _previewed(app: "Application", command: ReplayQuarantine, *, yes: bool) -> ReplayQuarantine:
    """The command to go on with: where nothing can be read now, there is nothing to ask, and nothing to record."""
    with _told_when_stopped(is_changing=False), progress("Looking at messages") as report:
        preview = app.catalogue.replay_quarantine(replace(command, dry_run=True, rate=0.0, progress=report))
    read = orders_read(preview)
    if read:
        confirm(f"{count_of(read, 'order')} can be read now, {count_of(preview.quarantined, 'message')} cannot. Go on?", yes=yes)
    return replace(command, dry_run=not read)


@_group.command("continue", epilog="Example: billhook replay continue rpl_3")
def continue_replay(
    replay_id: Annotated[str, typer.Argument(metavar="ID", help="Such as rpl_3.")],
    *,
    rate: Rate = 0.0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a replay that was stopped, where it stopped."""
    number = id_of(replay_id, _PREFIX)
    with application() as app, _told_how_to_go_on([] if dry_run else [number]), progress("Replay") as report:
        done = app.catalogue.replay(ContinueReplay(number, rate, report, actor(), dry_run))
    _tell(done, dry_run=dry_run, as_json=as_json)


@_group.command("list", epilog="Example: billhook replay list")
def list_replays(limit: Limit = 50, after: After = "", *, as_json: AsJson = False) -> None:
    """List replays, newest first, with how far they came."""
    with application() as app:
        rows = app.catalogue.list_replays(id_of(after or "0", _PREFIX), limit + 1)
    shown, key = page(rows, limit)
    following = f"{_PREFIX}{key.replay_id}" if key else None
    if as_json:
        print_json({"replays": [_row(each) for each in shown], "next": following})
        return
    columns = ("id", "what", "by", "reason", "looked at", "changed", "started", "finished")
    cells = [
        (_name(each), each.what.value, each.actor, each.reason, each.looked_at, each.changed, each.started_at, each.finished_at)
        for each in shown
    ]
    print_table(columns, cells, nothing(after, "Nothing was replayed."))
    say_more(following)


def _replay(app: Any, command: StartReplay, *, yes: bool, as_json: bool) -> None:
    """Preview first: the question says how many would change."""
    require_known(app, company=command.wanted.company, integration=command.wanted.integration)
    with _told_how_to_go_on([]), progress(f"Looking at {command.what}") as report:
        preview = app.catalogue.replay(StartReplay(command.what, command.wanted, command.actor, dry_run=True, progress=report))
    if command.wanted.ids and preview.looked_at == 0:
        raise NotFound(command.what.value, "by these ids")
    if command.dry_run or preview.changed == 0:
        _tell(preview, dry_run=True, as_json=as_json)
        return
    confirm(f"{count_of(preview.looked_at, 'one', command.what.value)} looked at, {preview.changed} would change. Go on?", yes=yes)
    begun: list[int] = []
    with _told_how_to_go_on(begun), progress(f"Replaying {command.what}") as report:
        done = app.catalogue.replay(replace(command, progress=report, begun=begun.append))
    _tell(done, dry_run=False, as_json=as_json)


@contextmanager
def _told_when_stopped(*, is_changing: bool) -> Iterator[None]:
    """Ctrl-C among messages: each is read by itself, so the same command goes on where it was stopped."""
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped. What was read so far stays read: run the command again to go on." if is_changing else "Stopped. Nothing was changed.")
        raise typer.Exit(ExitCode.PARTLY_DONE if is_changing else ExitCode.FAILED) from None


@contextmanager
def _told_how_to_go_on(begun: Sequence[int]) -> Iterator[None]:
    """Ctrl-C ends with a sentence. ``begun`` holds the id of the replay, once it has one."""
    try:
        yield
    except KeyboardInterrupt:
        if not begun:
            say("Stopped. Nothing was changed.")
            raise typer.Exit(ExitCode.FAILED) from None
        say(f"Stopped. What was done so far stays done. To go on: billhook replay continue {_PREFIX}{begun[0]}")
        raise typer.Exit(ExitCode.PARTLY_DONE) from None


def _tell(replay: Replay, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({**_row(replay), "dry_run": dry_run})
        return
    print_line(f"{replay.looked_at} looked at, {replay.changed} {'would change' if dry_run else 'changed'}.")
    if replay.looked_at >= replay.wanted.limit:
        say(f"There may be more: only {replay.wanted.limit} were looked at. Add --limit to look at more.")


def _name(replay: Replay) -> str:
    return f"{_PREFIX}{replay.replay_id}"


def _row(replay: Replay) -> dict[str, Any]:
    return {
        "id": _name(replay) if replay.replay_id else None,
        "what": replay.what,
        "actor": replay.actor,
        "reason": replay.reason,
        "looked_at": replay.looked_at,
        "changed": replay.changed,
        "started_at": replay.started_at,
        "finished_at": replay.finished_at,
    }
