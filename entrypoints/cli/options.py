"""Options that many commands share: one spelling, one help text."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.completing import company_refs


def moment_of(text: str) -> datetime:
    """For parsers: a day or a time; UTC where it has no offset."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is neither a day such as 2026-01-31 nor a time such as 2026-01-31T09:30") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def existing(file: Path) -> Path:
    """For callbacks: the file, which must be there unless it is ``-``, the standard input."""
    if str(file) != "-" and not file.is_file():
        raise typer.BadParameter(f"there is no file {str(file)!r}")
    return file


def id_of(text: str, prefix: str) -> int:
    """The number of an id such as ``dlv_17``, with or without its prefix."""
    digits = text.removeprefix(prefix)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:  # noqa: PLR2004 - more does not fit a database's integer
        raise typer.BadParameter(f"{text!r} is no id; ids look like {prefix}17")
    return int(digits)


AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything and keep nothing: no number is used, nothing is sent.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit log.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, metavar="COUNT", help="How many rows at most.")]
After = Annotated[str, typer.Option("--after", metavar="KEY", help="Go on behind this key: the `next` of the page before.")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", parser=moment_of, metavar="WHEN", help="From this day or time on (UTC unless it has an offset)."),
]
Company = Annotated[str | None, typer.Option("--company", metavar="REF", autocompletion=company_refs, help="Only this company.")]
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="Do all that is due now, then exit.")]
