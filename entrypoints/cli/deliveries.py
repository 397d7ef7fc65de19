"""`billhook deliveries`: what is owed to which destination, and a person's steps on it."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from application.ports.deliveries import Delivery, DeliveryFilter
from application.use_cases.change_deliveries import Action, ChangeDeliveries, DeliveryChange
from domain.delivery.state import DeliveryState
from entrypoints.cli.completing import integration_paths
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.naming import read_code, require_known
from entrypoints.cli.options import After, AsJson, Company, DryRun, Limit, Reason, Since, Yes, id_of
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import confirm, count_of, moment, print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

if TYPE_CHECKING:
    from entrypoints.container import Application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
_PREFIX = "dlv_"


def _state(text: str) -> DeliveryState:
    return read_code(DeliveryState, "state of a delivery", text)


State = Annotated[DeliveryState | None, typer.Option("--state", parser=_state, metavar="STATE", help="Only these, e.g. needs_human.")]
IntegrationPath = Annotated[
    str | None, typer.Option("--integration", metavar="COMPANY/KIND", autocompletion=integration_paths, help="Only to this destination.")
]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Such as dlv_17; or name a filter instead.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="deliveries", help="Deliveries: list, show, retry, resend, cancel, delivered.", rich_help_panel="Deliveries")


@_group.command("list", epilog="Example: billhook deliveries list --state needs_human --json")
def list_deliveries(
    state: State = None,
    integration: IntegrationPath = None,
    company: Company = None,
    since: Since = None,
    *,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """List deliveries and where they stand."""
    wanted = _filter(state, integration, company, since)
    with application() as app:
        rows = app.catalogue.list_deliveries(wanted, id_of(after or "0", _PREFIX), limit + 1)
        if not rows:
            require_known(app, company=company, integration=integration)
    shown, key = page(rows, limit)
    following = _name(key) if key else None
    if as_json:
        print_json({"deliveries": [_row(row) for row in shown], "next": following})
        return
    cells = [
        (_name(row), row.integration, f"{row.subject} {row.subject_id}", row.state, row.attempts, row.due_at, row.last_error)
        for row in shown
    ]
    print_table(
        ("id", "integration", "subject", "state", "attempts", "due", "last error"), cells, nothing(after, "No deliveries are like that.")
    )
    say_more(following)


def _filter(state: DeliveryState | None, integration: str | None, company: str | None, since: datetime | None) -> DeliveryFilter:
    return DeliveryFilter(state.value if state else None, integration, company, since)


def _name(delivery: Delivery) -> str:
    return f"{_PREFIX}{delivery.delivery_id}"


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": _name(delivery),
        "integration": delivery.integration,
        "kind": delivery.kind,
        "company": delivery.company,
        "subject": delivery.subject,
        "subject_id": delivery.subject_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
        "remote_id": delivery.remote_id,
        "remote_url": delivery.remote_url,
        "last_error": delivery.last_error,
        "next_step": delivery.next_step,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
    }


@_group.command("show", epilog="Example: billhook deliveries show dlv_17")
def show(delivery_id: Annotated[str, typer.Argument(metavar="ID", help="Such as dlv_17.")], *, as_json: AsJson = False) -> None:
    """Show a delivery with every try and every change of it."""
    with application() as app:
        details = app.catalogue.show_delivery(id_of(delivery_id, _PREFIX))
    history = [
        {"at": attempt.at, "state": attempt.state, "outcome": attempt.outcome, "detail": attempt.detail, "duration_ms": attempt.duration_ms}
        for attempt in details.attempts
    ]
    steps = [{"step": step, "remote_id": remote_id} for step, remote_id in details.steps.items()]
    if as_json:
        print_json({**_row(details.delivery), "steps": steps, "history": history})
        return
    done = "; ".join(f"{step}: {remote_id}" if remote_id else step for step, remote_id in details.steps.items())
    print_facts({**_row(details.delivery), **({"steps_done": done} if done else {})})
    print_line()
    cells = [(moment(attempt.at), attempt.state, attempt.outcome, attempt.detail, attempt.duration_ms) for attempt in details.attempts]
    print_table(("at", "state", "outcome", "detail", "ms"), cells, "No try yet.")


def _command(action: Action, help_text: str) -> Callable[..., None]:
    """The four steps differ in one word only, so they are one function."""

    def change(
        ids: Ids = None,
        state: State = None,
        integration: IntegrationPath = None,
        company: Company = None,
        since: Since = None,
        *,
        reason: Reason = "",
        yes: Yes = False,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        wanted = _filter(state, integration, company, since)
        delivery_ids = tuple(id_of(text, _PREFIX) for text in ids or ())
        if bool(delivery_ids) == (wanted != DeliveryFilter()):
            raise typer.BadParameter("Name either ids or a filter (--state, --integration, --company, --since).")
        command = ChangeDeliveries(action, actor(), reason, delivery_ids, None if delivery_ids else wanted, dry_run=dry_run)
        _change(command, yes=yes, as_json=as_json)

    change.__doc__ = help_text
    return change


def _change(command: ChangeDeliveries, *, yes: bool, as_json: bool) -> None:
    with application() as app:
        if not command.dry_run:
            _ask(app, command, yes=yes)
        changes = app.catalogue.change_deliveries(command)
        if command.wanted is not None and not changes:
            require_known(app, company=command.wanted.company, integration=command.wanted.integration)
    _report(command, changes, as_json=as_json)


def _ask(app: "Application", command: ChangeDeliveries, *, yes: bool) -> None:
    """For many, and on a terminal for each resend; what a resend does there is said in any case."""
    is_resend = command.action is Action.RESEND
    by_filter = command.wanted is not None
    if not is_resend and (yes or not by_filter):
        return
    rehearsed = app.catalogue.change_deliveries(replace(command, dry_run=True))
    _tell_effects(rehearsed)
    count = sum(change.changed for change in rehearsed)
    asks = by_filter or sys.stdin.isatty()
    confirm(f"{command.action.capitalize()} {count_of(count, 'delivery', 'deliveries')}?", yes=yes or count == 0 or not asks)


def _tell_effects(changes: Sequence[DeliveryChange]) -> None:
    """Each sentence once for an integration, however many deliveries it is about."""
    counts = Counter((change.delivery.integration, change.effect) for change in changes if change.effect)
    for (integration, effect), count in counts.items():
        say(f"{integration}, {count_of(count, 'delivery', 'deliveries')}: {effect}")


def _report(command: ChangeDeliveries, changes: Sequence[DeliveryChange], *, as_json: bool) -> None:
    changed = sum(change.changed for change in changes)
    if as_json:
        rows = [_changed_row(change) for change in changes]
        print_json({"deliveries": rows, "changed": changed, "dry_run": command.dry_run})
    else:
        would = "would be changed" if command.dry_run else "changed"
        if command.dry_run:
            _tell_effects(changes)
        print_line(f"{count_of(changed, 'delivery', 'deliveries')} of {len(changes)} {would}.")
        for change in changes:
            if not change.changed:
                say(f"{_name(change.delivery)}: {change.why}")
    if changed < len(changes):
        raise typer.Exit(ExitCode.PARTLY_DONE if changed else ExitCode.FAILED)


def _changed_row(change: DeliveryChange) -> dict[str, Any]:
    delivery = change.delivery
    return {
        "id": _name(delivery),
        "integration": delivery.integration,
        "subject": delivery.subject,
        "subject_id": delivery.subject_id,
        "state_before": delivery.state,
        "changed": change.changed,
        "why": change.why,
        "effect": change.effect,
    }


for _action, _help in (
    (Action.RETRY, "Try again what needs a person or waits."),
    (Action.RESEND, "Send again what was delivered, skipped or cancelled; first it says what that does at the destination."),
    (Action.CANCEL, "Call off what is not delivered yet."),
    (Action.DELIVERED, "Note that it arrived, where the destination could not say."),
):
    _group.command(_action.value, epilog=f"Example: billhook deliveries {_action} dlv_17 --reason 'Mailbox was full'")(
        _command(_action, _help)
    )
