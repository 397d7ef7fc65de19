"""What a kind of integration tells about the settings it takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from application.ports.key_pairs import KeyPairs
from application.ports.templates import Templates
from entrypoints.configuration.companies import CompanyModel
from entrypoints.configuration.strict import Strict


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may look at.

    ``company`` is None where it could not be read; ``sample`` are the variables of an invented invoice,
    ``sample_order`` those of an invented order; ``key_pairs`` reads the keys of SSH.
    """

    company: CompanyModel | None
    templates: Templates
    sample: Mapping[str, Any]
    sample_order: Mapping[str, Any]
    key_pairs: KeyPairs


# A key of the settings, or the keys that lead further in.
Where = str | tuple[str, ...]
Check = Callable[[Any, Surroundings], Iterable[tuple[Where, str]]]
SecretsCheck = Callable[[Any, Mapping[str, str], Surroundings], Iterable[tuple[str, str]]]


def no_check(_settings: Any, _around: Surroundings) -> Iterable[tuple[Where, str]]:
    """For kinds whose model says everything."""
    return ()


def no_secrets_check(_settings: Any, _secrets: Mapping[str, str], _around: Surroundings) -> Iterable[tuple[str, str]]:
    """For kinds that take any secret as it is."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: the model of its settings, its secrets by name with a description, and a check beyond the model.

    ``check`` yields (where, sentence) for each mistake; where is empty if it is about the settings as a whole.
    ``check_secrets`` gets the plain values that the file gives, and yields (name, sentence); a sentence never holds a value.
    """

    name: str
    settings: type[Strict]
    secrets: Mapping[str, str]
    check: Check = no_check
    check_secrets: SecretsCheck = no_secrets_check
