"""Output: one JSON document or plain text on stdout; everything said beside it goes to stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import typer

from entrypoints.cli.exit_codes import ExitCode


def print_json(document: Mapping[str, Any]) -> None:
    """One document, and nothing else on stdout. Decimals are strings with the digits they have; times are ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=_jsonable) + "\n")


def _jsonable(value: object) -> object:
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case tuple() | set() | frozenset():
            return list(value)
        case Mapping():
            return dict(value)
    return str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """A table for people; with tabs and without frames where the output is piped. ``empty`` says why there is none."""
    if not rows:
        say(empty)
    elif sys.stdout.isatty():
        _print_rich_table(columns, rows)
    else:
        for row in (columns, *rows):
            sys.stdout.write("\t".join(_one_line(cell) for cell in row) + "\n")


def _print_rich_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from rich import box  # noqa: PLC0415 - only terminals need it, and it takes a while to load
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        is_number = all(isinstance(row[index], int | Decimal) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        # As Text: a company called "[red]" is no markup.
        table.add_row(*(Text(_one_line(cell)) for cell in row))
    Console().print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one a line; what is empty is left out."""
    shown = {name: value for name, value in facts.items() if value not in (None, "", (), [], {})}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print_line(f"{name:<{width}}  {_one_line(value)}")


def print_line(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """Something beside the answer: a hint, a warning, an error."""
    sys.stderr.write(f"{text}\n")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before many things change. Without a terminal nobody can answer, so ``--yes`` is needed there."""
    if yes:
        return
    if not sys.stdin.isatty():
        say(f"{question} Nobody can answer here: nothing was changed. Add --yes to go on, or --dry-run to look first.")
        raise typer.Exit(ExitCode.USAGE)
    if not typer.confirm(question, err=True):
        say("Nothing was changed.")
        raise typer.Exit(ExitCode.USAGE)


def moment(at: datetime | None) -> str:
    """A time as people read it, to the second."""
    return "" if at is None else at.isoformat(sep=" ", timespec="seconds")


def count_of(number: int, one: str, many: str = "") -> str:
    """``1 invoice``, ``2 invoices``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _one_line(value: object) -> str:
    match value:
        case datetime():
            text = moment(value)
        case Decimal():
            text = f"{value:f}"
        case bool():
            text = "yes" if value else "no"
        case list() | tuple():
            text = ", ".join(map(_one_line, value))
        case Mapping():
            text = ", ".join(f"{key} {_one_line(inner)}" for key, inner in value.items())
        case _:
            text = "" if value is None else str(value)
    # A tab or a line break in a name would break the table, and other control characters the terminal.
    return "".join(character if character.isprintable() else " " for character in text)
