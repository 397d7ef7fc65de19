"""`billhook integrations`: where documents go, whether they can get there, and what would be sent."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from application.ports.deliveries import Lane
from application.queries.list_integrations import IntegrationRow
from application.queries.preview_delivery import PreviewedDelivery
from application.queries.show_integration import IntegrationDetails
from application.use_cases.check_integrations import CheckedIntegration, CheckIntegrations
from domain.companies.integration import Integration
from entrypoints.cli.completing import integration_paths
from entrypoints.cli.exit_codes import EPILOG, ExitCode
from entrypoints.cli.naming import require_known
from entrypoints.cli.options import After, AsJson, Limit
from entrypoints.cli.paging import nothing, page, say_more
from entrypoints.cli.presenting import count_of, print_facts, print_json, print_line, print_table, say
from entrypoints.cli.session import application

_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)

Path = Annotated[str, typer.Argument(metavar="COMPANY/KIND", autocompletion=integration_paths, help="As `integrations list` shows it.")]
Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COMPANY/KIND]...", autocompletion=integration_paths, help="Default: every one that is enabled."),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_group, name="integrations", help="Integrations: list, show, check, preview.", rich_help_panel="Configuration")


@_group.command("list", epilog="Example: billhook integrations list --json")
def list_integrations(*, limit: Limit = 50, after: After = "", as_json: AsJson = False) -> None:
    """List where documents go."""
    with application() as app:
        rows = app.catalogue.list_integrations(after, limit + 1)
    shown, key = page(rows, limit)
    following = key.integration.path if key else None
    if as_json:
        print_json({"integrations": [_row(row) for row in shown], "next": following})
        return
    cells = [(row.integration.path, row.integration.enabled, row.integration.starting_from, row.takes, row.secrets) for row in shown]
    print_table(
        ("integration", "enabled", "starting from", "takes", "secrets"),
        cells,
        nothing(after, "None is declared yet: billhook apply -f FILE"),
    )
    say_more(following)


def _row(row: IntegrationRow | IntegrationDetails) -> dict[str, Any]:
    return {**_facts(row.integration), "takes": row.takes, "secrets": row.secrets}


def _facts(integration: Integration) -> dict[str, Any]:
    return {
        "integration": integration.path,
        "kind": integration.kind,
        "company": integration.company,
        "name": integration.name or None,
        "enabled": integration.enabled,
        "starting_from": integration.starting_from,
    }


@_group.command("show", epilog="Example: billhook integrations show 777/pdf_emailer")
def show(integration: Path, *, as_json: AsJson = False) -> None:
    """Show an integration's settings, the names of its secrets, and the public key that its partner must know."""
    with application() as app:
        require_known(app, integration=integration)
        details = app.catalogue.show_integration(integration)
    if as_json:
        settings, key = details.integration.settings, details.public_key or None
        print_json(
            {
                **_row(details),
                "lane": _lane(details.lane),
                "settings": settings,
                "public_key": key,
                "key_problem": details.key_problem or None,
            }
        )
        return
    print_facts({**_row(details), **(_lane(details.lane) or {}), "public_key": details.public_key or details.key_problem})
    print_line()
    print_facts(details.integration.settings)


def _lane(lane: Lane | None) -> dict[str, Any] | None:
    """What waits there, and why it rests, where it does."""
    if lane is None:
        return None
    return {"open": lane.depth, "parked_until": lane.parked_until, "failures": lane.failures, "reason": lane.reason}


@_group.command("check", epilog="Example: billhook integrations check 777/pdf_emailer. Exit code 7 where a check fails.")
def check(integrations: Paths = None, *, as_json: AsJson = False) -> None:
    """Ask destinations, live, whether deliveries can work. No document is sent."""
    paths = tuple(dict.fromkeys(integrations or ()))
    with application() as app:
        for path in paths:
            require_known(app, integration=path)
        checked = list(_told(app.catalogue.check_integrations(CheckIntegrations(paths)), quiet=as_json))
    failed = [each for each in checked if not each.ok]
    if as_json:
        print_json({"ok": not failed, "integrations": [_checked(each) for each in checked]})
    elif not checked:
        say("No integration is enabled.")
    if failed:
        say(f"{count_of(len(failed), 'integration')} of {len(checked)} cannot deliver.")
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _told(results: Iterator[CheckedIntegration], *, quiet: bool) -> Iterator[CheckedIntegration]:
    """The results, each told as soon as it is there: a destination may take its time."""
    for each in results:
        if not quiet:
            print_line(f"{'ok  ' if each.ok else 'FAIL'}  {each.integration}")
            for check_ in each.checks:
                print_line(f"      {'ok  ' if check_.ok else 'FAIL'}  {check_.name}: {check_.detail}")
                if check_.next_step and not check_.ok:
                    print_line(f"            -> {check_.next_step}")
        yield each


def _checked(each: CheckedIntegration) -> dict[str, Any]:
    checks = [{"name": check_.name, "ok": check_.ok, "detail": check_.detail, "next_step": check_.next_step} for check_ in each.checks]
    return {"integration": each.integration, "ok": each.ok, "checks": checks}


@_group.command("preview", epilog="Example: billhook integrations preview 777/mww --order 90001")
def preview(
    integration: Path,
    order: Annotated[str, typer.Option("--order", metavar="REF", help="An order, for integrations that take orders.")] = "",
    invoice: Annotated[str, typer.Option("--invoice", metavar="NUMBER", help="An invoice or a credit note.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show what would be sent for an order or an invoice, and send nothing."""
    if bool(order) == bool(invoice):
        raise typer.BadParameter("Name either --order REF or --invoice NUMBER.")
    with application() as app:
        require_known(app, integration=integration)
        previewed = app.catalogue.preview_delivery(integration, order=order, invoice=invoice)
    if as_json:
        print_json(_previewed(previewed))
        return
    sys.stdout.write(previewed.text if previewed.text.endswith("\n") or not previewed.text else previewed.text + "\n")
    for hindrance in previewed.hindrances:
        say(f"It would not be sent now: {hindrance}")


def _previewed(previewed: PreviewedDelivery) -> dict[str, Any]:
    return {
        "integration": previewed.integration,
        "subject": previewed.subject,
        "subject_id": previewed.subject_id,
        "would_be_sent": not previewed.hindrances,
        "hindrances": previewed.hindrances,
        "preview": previewed.text or None,
    }
