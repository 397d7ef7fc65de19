"""`billhook migrate` and `billhook doctor`."""

import typer

from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.options import AsJson, DryRun
from entrypoints.cli.presenting import count_of, print_json, print_line, say
from entrypoints.cli.session import actor, application, rehearsed_application

_PANEL = "Start"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("migrate", rich_help_panel=_PANEL, epilog="Example: billhook migrate --dry-run")(migrate)
    app.command("doctor", rich_help_panel=_PANEL, epilog="Example: billhook doctor --json. Exit code 7 where a check fails.")(doctor)


def migrate(*, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Bring the database's schema up to date. Safe to run twice, and from two machines at once."""
    with rehearsed_application() if dry_run else application(schema_is_old=True, creates=True) as app:
        before, expected = app.schema_revisions()
        if not dry_run:
            app.migrate(actor())
    if as_json:
        print_json({"before": before, "revision": before if dry_run else expected, "expected": expected, "dry_run": dry_run})
    elif before == expected:
        print_line(f"The database is up to date: revision {expected}.")
    else:
        would = "would be brought" if dry_run else "was brought"
        print_line(f"The database {would} from revision {before or 'none'} to {expected}.")


def doctor(*, as_json: AsJson = False) -> None:
    """Check everything Billhook depends on, and tell the next step where something is wrong."""
    from entrypoints.doctor import Verdict, examine  # noqa: PLC0415 - loads the adapters

    with application(schema_is_old=True) as app:
        findings = []
        for finding in examine(app):
            findings.append(finding)
            if not as_json:
                print_line(f"{finding.verdict:<4}  {finding.name}: {finding.detail}")
                if finding.next_step:
                    print_line(f"      -> {finding.next_step}")
    failed = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    if as_json:
        checks = [
            {"name": finding.name, "verdict": finding.verdict, "detail": finding.detail, "next_step": finding.next_step}
            for finding in findings
        ]
        print_json({"ok": not failed, "checks": checks})
    if failed:
        say(f"{count_of(len(failed), 'check')} failed.")
        raise typer.Exit(ExitCode.CHECK_FAILED)
