"""`billhook reconcile`: issued documents against the books of the accounting destinations."""

from typing import Annotated, Any

import typer

from application.use_cases.reconcile import Reconcile, Reconciled, ReconcileReport
from entrypoints.cli.completing import integration_paths
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.naming import require_known
from entrypoints.cli.options import AsJson, Since
from entrypoints.cli.presenting import count_of, print_json, print_line, print_table, say
from entrypoints.cli.session import actor, application

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COMPANY/KIND]...", autocompletion=integration_paths, help="These; without any, all that keep books."),
]
_FAILED = {"needs_reauth": ExitCode.NEEDS_RECONNECT}


def register(app: typer.Typer) -> None:
    """Add the command."""
    epilog = "Example: billhook reconcile 777/xero --since 2026-11-01. Exit code 7 where the books differ."
    app.command("reconcile", rich_help_panel="Proof", epilog=epilog)(reconcile)


def reconcile(integrations: Paths = None, since: Since = None, *, as_json: AsJson = False) -> None:
    """Compare what was issued with the vendors' books, and say what differs, each with one next step.

    Nothing is changed, here or there. The highest numbers seen there are remembered: a series behind them issues nothing.
    """
    paths = tuple(dict.fromkeys(integrations or ()))
    with application() as app:
        for path in paths:
            require_known(app, integration=path)
        report = app.catalogue.reconcile(Reconcile(actor(), paths, since))
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    raise typer.Exit(_exit_code(report))


def _exit_code(report: ReconcileReport) -> ExitCode:
    """Differences first; then what could not be compared."""
    if report.drifts:
        return ExitCode.CHECK_FAILED
    failed = [each for each in report.results if each.findings is None]
    if not failed:
        return ExitCode.DONE
    codes = {_FAILED.get(each.code, ExitCode.FAILED) for each in failed}
    return ExitCode.PARTLY_DONE if len(failed) < len(report.results) else max(codes)


def _print(report: ReconcileReport) -> None:
    cells = [
        (each.integration, drift.number, drift.type, drift.kind.value, drift.detail, drift.next_step)
        for each in report.results
        for drift in (each.findings.drift if each.findings else ())
    ]
    if cells:
        print_table(("integration", "number", "type", "drift", "detail", "what to do"), cells, "")
    for each in report.results:
        print_line(_sentence(each))
    for path in report.without_books:
        say(f"{path}: keeps no books to compare with.")
    if not report.results:
        say("No integration that keeps books is switched on.")


def _sentence(each: Reconciled) -> str:
    findings = each.findings
    if findings is None:
        return f"{each.integration}: could not be compared. {each.error} {each.next_step}".rstrip()
    told = ", ".join(f"{count} {kind.value}" for kind, count in sorted(findings.counts.items())) or "no difference"
    more = sum(findings.counts.values()) - len(findings.drift)
    hidden = f", of which {more} are not shown" if more else ""
    waiting = f"; {findings.on_the_way} on the way" if findings.on_the_way else ""
    return f"{each.integration}: {count_of(findings.compared, 'delivered document')} compared, {told}{hidden}{waiting}"


def _document(report: ReconcileReport) -> dict[str, Any]:
    return {
        "ok": report.drifts == 0 and all(each.findings for each in report.results),
        "integrations": [_row(each) for each in report.results],
        "without_books": report.without_books,
    }


def _row(each: Reconciled) -> dict[str, Any]:
    findings = each.findings
    drift = [
        {
            "number": found.number,
            "type": found.type,
            "drift": found.kind,
            "detail": found.detail,
            "next_step": found.next_step,
            "delivery": f"dlv_{found.delivery_id}" if found.delivery_id else None,
            "remote_id": found.remote_id or None,
        }
        for found in (findings.drift if findings else ())
    ]
    return {
        "integration": each.integration,
        "compared": findings.compared if findings else None,
        "on_the_way": findings.on_the_way if findings else None,
        "counts": {kind.value: count for kind, count in sorted(findings.counts.items())} if findings else None,
        "drift": drift,
        "error": each.error or None,
        "next_step": each.next_step or None,
    }
