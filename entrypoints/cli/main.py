"""`billhook`: the command, and what becomes of its errors."""

import os
import sys
import traceback
from typing import Annotated

import typer

from entrypoints.cli import (
    audit,
    configuration,
    connecting,
    deliveries,
    demo,
    flows,
    incidents,
    integrations,
    invoices,
    lanes,
    numbers,
    orders,
    pausing,
    proof,
    quarantine,
    reconciling,
    replaying,
    roles,
    setup,
)
from entrypoints.cli.exit_codes import EPILOG, ExitCode, exit_code_of, sentences_of
from entrypoints.cli.presenting import print_line, say

_HELP = """Billhook turns order messages into gap-free numbered invoices and delivers them, effectively once.

[bold]Try it:[/bold]  billhook demo

[bold]Set it up:[/bold]  billhook migrate, then billhook doctor, then billhook apply -f companies.yaml, then billhook up

[bold]Ask it:[/bold]  billhook orders explain 90001, billhook trace INV-000001, billhook verify
"""

app = typer.Typer(
    name="billhook",
    help=_HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for _module in (
    demo,
    setup,
    configuration,
    connecting,
    integrations,
    orders,
    invoices,
    deliveries,
    quarantine,
    proof,
    reconciling,
    numbers,
    replaying,
    pausing,
    lanes,
    flows,
    incidents,
    audit,
    roles,
):
    _module.register(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - reads files

        print_line(version("billhook"))
        raise typer.Exit


@app.callback()
def _root(
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. May stand anywhere on the line.")] = False,
    _version_asked: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit; every error ends as a sentence on stderr and one of the documented exit codes."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments, prog_name="billhook")
    except BrokenPipeError:
        # Who read our output went away, as `head` does. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost place: it must end in a sentence
        if len(arguments) < len(sys.argv) - 1:
            traceback.print_exception(error)
        say(f"billhook: {sentences_of(error)}")
        sys.exit(exit_code_of(error))
