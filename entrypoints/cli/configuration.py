"""`billhook config show`, `billhook apply` and `billhook export`."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from application.configuration_diff import Act, ConfigurationChange
from application.ports.orders import OrderFilter
from application.use_cases.apply_configuration import AppliedConfiguration, ApplyConfiguration
from application.use_cases.decide_orders import DecideOrders
from entrypoints.cli.exit_codes import EPILOG
from entrypoints.cli.files import write_file
from entrypoints.cli.options import AsJson, DryRun, Reason, Yes, existing
from entrypoints.cli.presenting import confirm, count_of, print_json, print_line, print_table, say
from entrypoints.cli.progress import progress
from entrypoints.cli.session import actor, application, read_settings

if TYPE_CHECKING:
    from entrypoints.configuration.reader import ConfigurationReader
    from entrypoints.container import Application

_PANEL = "Configuration"
_group = typer.Typer(no_args_is_help=True, epilog=EPILOG)
_SHOWN = 5
_ASKED = 100  # of so many new integrations it is asked whether there are orders for them already
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("apply", rich_help_panel=_PANEL, epilog="Example: billhook apply -f companies.yaml --dry-run")(apply)
    app.command("export", rich_help_panel=_PANEL, epilog="Example: billhook export -o companies.yaml")(export)
    app.add_typer(_group, name="config", help="Settings of this process.", rich_help_panel=_PANEL)


@_group.command("show", epilog="Example: billhook config show --origin")
def show(
    *, origin: Annotated[bool, typer.Option("--origin", help="Tell where each value comes from.")] = False, as_json: AsJson = False
) -> None:
    """Show the settings in force; secrets and passwords are masked."""
    shown = read_settings().shown()
    if as_json:
        print_json({"settings": [{"name": setting.name, "value": setting.value, "origin": setting.origin} for setting in shown]})
        return
    rows = [(setting.name, setting.value, setting.origin) if origin else (setting.name, setting.value) for setting in shown]
    print_table(("name", "value", "origin") if origin else ("name", "value"), rows, "")


def apply(
    file: Annotated[Path, typer.Option("--file", "-f", callback=existing, help="The YAML file; - is the standard input.")],
    *,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make the declared configuration so, and show what that changes. The same file again changes nothing."""
    text = _text(file)
    with application() as app:
        declared = configuration_reader(app)(text, _folder(file), os.environ)
        command = ApplyConfiguration(declared.configuration, actor(), declared.assets, declared.secrets, reason=reason, dry_run=dry_run)
        if not dry_run and not yes:
            _confirm_removals(app.catalogue.apply_configuration(replace(command, dry_run=True)))
        applied = app.catalogue.apply_configuration(command)
        decided = 0
        if not dry_run:
            # Also where nothing changed: an apply that died before this leaves it to the next one.
            with progress("Orders decided anew") as report:
                decided = app.catalogue.decide_orders(DecideOrders(progress=report))
            _say_what_was_before(app, applied.begun)
    _report(applied, decided, dry_run=dry_run, as_json=as_json)


def _confirm_removals(rehearsed: AppliedConfiguration) -> None:
    """Ask before anything goes. Where nobody can answer, only whole prices, rates and integrations stop the command."""
    gone = [change.path for change in rehearsed.changes if change.act is Act.REMOVED]
    # An entry's path ends with its name in brackets; that of a value inside it goes on.
    removed = gone if sys.stdin.isatty() else [path for path in gone if path.endswith("]")]
    if removed:
        more = f" and {len(removed) - _SHOWN} more" if len(removed) > _SHOWN else ""
        confirm(f"This removes {count_of(len(removed), 'entry', 'entries')}: {', '.join(removed[:_SHOWN])}{more}. Go on?", yes=False)


def _say_what_was_before(app: "Application", begun: Sequence[str]) -> None:
    """A new integration is owed what comes from now on: who expects the orders that are there already must replay them."""
    companies = dict.fromkeys(path.partition("/")[0] for path in begun[:_ASKED])
    with_orders = [company for company in companies if app.catalogue.list_orders(OrderFilter(company), 0, 1)]
    for company in with_orders[:_SHOWN]:
        paths = ", ".join(path for path in begun if path.partition("/")[0] == company)
        say(
            f"{paths}: owed what is issued or falls due from now on. For what was before, look first with: "
            f"billhook replay orders --company {company} --dry-run"
        )
    if len(with_orders) > _SHOWN:
        say(f"So it is with {len(with_orders) - _SHOWN} more companies.")


def configuration_reader(app: "Application") -> "ConfigurationReader":
    """The reader of files, with this application's judges of VAT numbers and templates."""
    from entrypoints.configuration.reader import ConfigurationReader  # noqa: PLC0415 - YAML and its models take a while to load

    container = app.container
    return ConfigurationReader(
        container.templates(),
        container.vat_register(),
        app.sample_template_variables(),
        app.sample_order_variables(),
        container.key_pairs(),
    )


def _text(file: Path) -> str:
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8 text") from None


def _folder(file: Path) -> Path:
    return Path() if str(file) == "-" else file.parent


def _report(applied: AppliedConfiguration, decided: int, *, dry_run: bool, as_json: bool) -> None:
    for warning in applied.warnings:
        say(f"Warning: {warning}")
    kept = "; ".join(f"{path} ({', '.join(names)})" for path, names in applied.kept_secrets.items())
    if kept:
        say(f"Kept stored secrets that the file does not name: {kept}. To remove one, write null: secrets: {{NAME: null}}")
    if as_json:
        changes = [{"act": change.act, "path": change.path, "old": change.old, "new": change.new} for change in applied.changes]
        document: dict[str, Any] = {"revision": applied.revision, "changes": changes, "warnings": applied.warnings}
        document |= {"public_keys": applied.public_keys, "kept_secrets": applied.kept_secrets}
        print_json({**document, "orders_decided": decided, "dry_run": dry_run})
        return
    for change in applied.changes:
        print_line(_line(change))
    if not applied.changes:
        print_line("Nothing to change.")
    elif dry_run:
        print_line(f"Dry run: {count_of(len(applied.changes), 'change')} would be made.")
    else:
        print_line(f"Applied {count_of(len(applied.changes), 'change')}; this is revision {applied.revision}.")
    for path, line in applied.public_keys.items():
        print_line(f"public key for {path}: {line}")
    if applied.public_keys:
        say("Give each line to its partner. `billhook integrations show` prints it again.")
    if decided:
        print_line(f"{count_of(decided, 'order')} decided anew.")


def _line(change: ConfigurationChange) -> str:
    sign = _SIGNS[change.act]
    if change.old and change.new:
        return f"{sign} {change.path}: {_short(change.old)} -> {_short(change.new)}"
    value = change.new or change.old
    return f"{sign} {change.path}: {_short(value)}" if value else f"{sign} {change.path}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."  # noqa: PLR2004 - a template would fill the screen


def export(
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; default: the standard output.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the configuration in force as YAML. Secrets are never exported: placeholders name the variables for them."""
    from entrypoints.configuration.document import parse  # noqa: PLC0415 - YAML and its models take a while to load
    from entrypoints.configuration.writer import write_configuration  # noqa: PLC0415

    with application() as app:
        text = write_configuration(app.catalogue.export_configuration())
    if as_json:
        print_json(parse(text).value or {})
    elif output is None or str(output) == "-":
        sys.stdout.write(text)
    else:
        write_file(output, text.encode())
        say(f"Wrote {output}")
