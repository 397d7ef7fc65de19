"""`billhook flows`: what is carried from one accounting system to another."""

import json
from typing import Annotated, Any

import typer

from application.queries.list_flows import ListedFlow
from application.use_cases.run_flow import FlowReport, RunFlow
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.options import AsJson, DryRun, Reason
from entrypoints.cli.presenting import print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The flow's name, as `billhook flows list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(
        _group, name="flows", help="Flows: orders and customers from one accounting system to another.", rich_help_panel="Operations"
    )


@_group.command("list", epilog="Example: billhook flows list")
def list_flows(*, as_json: AsJson = False) -> None:
    """List the flows: from where to where, when next, how much was taken, and what went wrong last."""
    with application() as app:
        rows = app.catalogue.list_flows()
    if as_json:
        print_json({"flows": [_row(each) for each in rows]})
        return
    columns = ("flow", "from", "to", "enabled", "next run", "last run", "taken", "problem")
    cells = [
        (
            each.flow.name,
            each.flow.source,
            each.flow.target,
            each.flow.enabled,
            each.next_run_at,
            each.state.ran_at,
            each.state.taken,
            each.state.problem,
        )
        for each in rows
    ]
    print_table(columns, cells, "No flow is declared.")


@_group.command(epilog="Example: billhook flows run web-to-books --dry-run")
def run(name: Name, *, reason: Reason = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Run a flow now, whatever its schedule says: what it takes is delivered by the workers."""
    _tell(_report(RunFlow(name, dry_run, actor(), reason)), as_json=as_json, with_messages=False)


@_group.command(epilog="Example: billhook flows preview web-to-books")
def preview(name: Name, *, as_json: AsJson = False) -> None:
    """Show what the next run would take, as the order messages it would make of them. Nothing is taken."""
    _tell(_report(RunFlow(name, dry_run=True)), as_json=as_json, with_messages=True)


def _report(command: RunFlow) -> FlowReport:
    with application() as app:
        return app.catalogue.run_flow(command)


def _tell(report: FlowReport, *, as_json: bool, with_messages: bool) -> None:
    messages = {each.ref: json.loads(each.body) for each in report.taken} if with_messages else {}
    if as_json:
        found = {"flow": report.flow, "taken": [each.ref for each in report.taken], "known": report.known, "ours": report.ours}
        rest = {"left_out": report.left_out, "problems": report.problems}
        print_json({**found, **rest, **({"messages": messages} if with_messages else {})})
    else:
        counts = {"taken": len(report.taken), "known": report.known, "written by Billhook": report.ours, "left out": report.left_out}
        print_facts({"flow": report.flow, **counts})
        for ref, message in messages.items():
            print_line()
            print_line(f"{ref}: {json.dumps(message, ensure_ascii=False, indent=2)}")
    for problem in report.problems:
        say(problem)
    if report.problems:
        raise typer.Exit(ExitCode.PARTLY_DONE)


def _row(listed: ListedFlow) -> dict[str, Any]:
    flow, state = listed.flow, listed.state
    return {
        "name": flow.name,
        "source": flow.source,
        "target": flow.target,
        "objects": flow.objects,
        "enabled": flow.enabled,
        "next_run_at": listed.next_run_at,
        "ran_at": state.ran_at,
        "taken": state.taken,
        "problem": state.problem,
    }
