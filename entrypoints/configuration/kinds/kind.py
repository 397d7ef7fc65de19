"""What a kind of integration tells about the settings it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from application.ports.templates import Templates
from entrypoints.configuration.strict import Strict

Check = Callable[[Any, Templates], Iterable[tuple[str, str]]]


def no_check(_settings: Any, _templates: Templates) -> Iterable[tuple[str, str]]:
    """For kinds whose model says everything."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: the model of its settings, its secrets by name with a description, and a check beyond the model.

    ``check`` gets the settings and a renderer of templates; it yields (key, sentence) for each mistake.
    """

    name: str
    settings: type[Strict]
    secrets: dict[str, str]
    check: Check = no_check
