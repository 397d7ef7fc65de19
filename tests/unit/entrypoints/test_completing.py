"""What the shell offers after TAB."""

from collections.abc import Iterator
from typing import Any

from tests.docs.forms import root


def parameters(group: Any = None, path: str = "billhook") -> Iterator[tuple[str, Any]]:
    """Every parameter of every command, with the command."""
    for name, command in (group or root()).commands.items():
        here = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from parameters(command, here)
        else:
            yield from ((here, parameter) for parameter in command.params)


def test_companies_and_integrations_are_offered_wherever_one_is_taken() -> None:
    """On every option and argument that takes one; a new one without it fails here."""
    taking = [
        (command, parameter)
        for command, parameter in parameters()
        if "--company" in parameter.opts or "COMPANY/KIND" in (parameter.metavar or "")
    ]

    assert len(taking) > 15
    assert [(command, parameter.name) for command, parameter in taking if parameter._custom_shell_complete is None] == []
