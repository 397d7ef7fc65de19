"""What a kind of integration tells about the settings it takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from application.ports.templates import Templates
from entrypoints.configuration.companies import CompanyModel
from entrypoints.configuration.strict import Strict


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may look at. ``company`` is None where it could not be read; ``sample`` are the variables of an invented invoice."""

    company: CompanyModel | None
    templates: Templates
    sample: Mapping[str, Any]


Check = Callable[[Any, Surroundings], Iterable[tuple[str, str]]]


def no_check(_settings: Any, _around: Surroundings) -> Iterable[tuple[str, str]]:
    """For kinds whose model says everything."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: the model of its settings, its secrets by name with a description, and a check beyond the model.

    ``check`` yields (key, sentence) for each mistake; the key is empty where it is about the settings as a whole.
    """

    name: str
    settings: type[Strict]
    secrets: Mapping[str, str]
    check: Check = no_check
