"""`billhook pause`, `billhook resume`, `billhook pauses list`: stop work and let it go on."""

from datetime import datetime
from typing import Annotated, Any

import typer

from application.pausing import reason_of, resume_command
from application.ports.pauses import Pause, PauseScope, Queue, Stop
from application.queries.list_pauses import Stopped
from application.use_cases.pause_work import PauseWork
from application.use_cases.resume_work import Resumed, ResumeWork
from entrypoints.cli.completing import company_refs, integration_paths
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.naming import read_code, require_known
from entrypoints.cli.options import After, AsJson, DryRun, Limit, Reason, moment_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import count_of, moment, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

_PANEL = "Operations"
_SHOWN = 10
_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)

Fleet = Annotated[bool, typer.Option("--fleet", help="Everything.")]


def _queue(text: str) -> Queue:
    return read_code(Queue, "queue", text)


QueueName = Annotated[
    Queue | None, typer.Option("--queue", parser=_queue, metavar="intake|invoicing|delivery", help="One kind of work, for all companies.")
]
Vendor = Annotated[str | None, typer.Option("--vendor", metavar="KIND", help="Deliveries of all integrations of this kind, e.g. xero.")]
CompanyRef = Annotated[
    str | None,
    typer.Option("--company", metavar="REF", autocompletion=company_refs, help="Invoicing and deliveries of this company."),
]
IntegrationPath = Annotated[
    str | None,
    typer.Option("--integration", metavar="COMPANY/KIND", autocompletion=integration_paths, help="Deliveries of this integration."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", parser=moment_of, metavar="WHEN", help="It goes on by itself then (UTC unless it has an offset)."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("pause", rich_help_panel=_PANEL, epilog="Example: billhook pause --vendor xero --until 2026-12-01T06:00 --reason 'Outage'")(
        pause
    )
    app.command("resume", rich_help_panel=_PANEL, epilog="Example: billhook resume --vendor xero")(resume)
    app.add_typer(_group, name="pauses", help="What is paused, by people or by itself.", rich_help_panel=_PANEL)


def pause(
    *,
    fleet: Fleet = False,
    queue: QueueName = None,
    vendor: Vendor = None,
    company: CompanyRef = None,
    integration: IntegrationPath = None,
    until: Until = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Stop work: what is in hand is finished, nothing new is begun, nothing is lost. Give exactly one thing to stop."""
    scope, subject = _one(fleet=fleet, queue=queue, vendor=vendor, company=company, integration=integration)
    with application() as app:
        require_known(app, company=company, integration=integration, vendor=vendor)
        done = app.catalogue.pause_work(PauseWork(Stop(scope, subject, reason, actor(), until), dry_run))
    if done.instead_of is not None:
        say(f"This takes the place of an older pause: {reason_of(done.instead_of)}")
    if as_json:
        print_json({**_row(done.pause), "dry_run": dry_run})
    else:
        print_line(f"{'Would pause' if dry_run else 'Paused'} {_what(done.pause)}{f' until {moment(until)}' if until else ''}.")
        if not dry_run:
            say(f"To let it go on: {resume_command(scope, subject)}")


def resume(
    *,
    fleet: Fleet = False,
    queue: QueueName = None,
    vendor: Vendor = None,
    company: CompanyRef = None,
    integration: IntegrationPath = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let work go on: ends the pause of exactly this, and lets lanes that rest after a failure try again at once."""
    scope, subject = _one(fleet=fleet, queue=queue, vendor=vendor, company=company, integration=integration)
    with application() as app:
        require_known(app, company=company, integration=integration, vendor=vendor)
        done = app.catalogue.resume_work(ResumeWork(scope, subject, actor(), reason, dry_run))
        still = [] if dry_run else [each for each in app.catalogue.list_pauses(limit=_SHOWN) if each.pause_id]
    if as_json:
        print_json({"pause": _row(done.pause) if done.pause else None, "woken": done.woken, "dry_run": dry_run})
        return
    _tell(done, dry_run=dry_run)
    for other in still:
        say(f"Still paused: {_what(other)} (by {other.actor}{f': {other.reason}' if other.reason else ''})")


def _tell(done: Resumed, *, dry_run: bool) -> None:
    if done.pause is None and not done.woken:
        print_line("Nothing was paused there, and no lane rests.")
        return
    would = "Would resume" if dry_run else "Resumed"
    print_line(f"{would} {_what(done.pause) if done.pause else count_of(len(done.woken), 'resting lane')}.")
    for lane in done.woken:
        print_line(f"  {lane} tries again at once")


@_group.command("list", epilog="Example: billhook pauses list")
def list_pauses(limit: Limit = 50, after: After = "", *, as_json: AsJson = False) -> None:
    """List what is paused, by people or by itself: why, until when, and the command that lets it go on."""
    with application() as app:
        stopped, key = page(app.catalogue.list_pauses(after, limit + 1), limit)
    following = key.key if key else None
    if as_json:
        print_json({"pauses": [_stopped_row(each) for each in stopped], "next": following})
        return
    cells = [(each.scope.value, each.subject, each.reason, each.actor, each.since, each.until, _how_on(each)) for each in stopped]
    columns = ("what", "which", "reason", "by", "since", "until", "to let it go on")
    print_table(columns, cells, nothing(after, "Nothing is paused."))
    say_more(following)


def _how_on(each: Stopped) -> str:
    """What to do first, and then the command, unless the first says it already."""
    return each.next_step if each.undo in each.next_step else f"{each.next_step.rstrip('.')}, then: {each.undo}".removeprefix(", then: ")


def _one(*, fleet: bool, queue: Queue | None, vendor: str | None, company: str | None, integration: str | None) -> tuple[PauseScope, str]:
    given = {
        PauseScope.FLEET: "" if fleet else None,
        PauseScope.QUEUE: queue.value if queue else None,
        PauseScope.VENDOR: vendor,
        PauseScope.COMPANY: company,
        PauseScope.INTEGRATION: integration,
    }
    named = [(scope, subject) for scope, subject in given.items() if subject is not None]
    if len(named) != 1:
        say("Give exactly one of --fleet, --queue, --vendor, --company, --integration.")
        raise typer.Exit(ExitCode.USAGE)
    return named[0]


def _what(pause: Pause | Stopped) -> str:
    return " ".join(filter(None, (f"the {pause.scope}" if pause.scope is PauseScope.FLEET else pause.scope.value, pause.subject)))


def _row(pause: Pause | Stopped) -> dict[str, Any]:
    return {
        "id": f"pse_{pause.pause_id}" if pause.pause_id else None,
        "scope": pause.scope,
        "subject": pause.subject,
        "reason": pause.reason,
        "actor": pause.actor,
        "since": pause.since,
        "until": pause.until,
    }


def _stopped_row(each: Stopped) -> dict[str, Any]:
    return {**_row(each), "automatic": each.automatic, "next_step": each.next_step, "undo": each.undo}
