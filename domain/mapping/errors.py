"""What can be wrong with a field map, and with what it is applied to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.errors import DomainError, Invalid


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a declared map. Where a name is unknown, ``name`` is it and ``known`` are those it could have been."""

    path: str
    text: str
    name: str = ""
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.path}: {self.text}"


class FieldMapRefused(Invalid):
    """The map as declared cannot be used; ``mistakes`` has at least one, in the order of the map."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        first, *others = mistakes
        super().__init__(first.path, "\n".join([first.text, *map(str, others)]), "Correct the field map and apply the file again.")
        self.mistakes = tuple(mistakes)


class MappingFailed(DomainError):
    """The map does not fit this document. ``path`` is the field of the result, e.g. ``rows[2].price``."""

    def __init__(self, path: str, text: str) -> None:
        next_step = "Correct the field map or the order, then retry the delivery."
        super().__init__("mapping_failed", f"{path}: {text}" if path else text, next_step)
        self.path = path
        self.reason = text

    def at(self, path: str) -> "MappingFailed":
        """The same failure, of the field at ``path``."""
        return MappingFailed(path, self.reason)


def refuse(path: str, text: str) -> FieldMapRefused:
    """A refusal for one mistake, to be raised."""
    return FieldMapRefused([Mistake(path, text)])


def refuse_name(path: str, name: object, known: Iterable[str]) -> FieldMapRefused:
    """A refusal for a name that does not exist, to be raised."""
    names = tuple(known)
    return FieldMapRefused([Mistake(path, f"There is no {shown(name)!r} here; it may be {', '.join(names)}.", shown(name), names)])


def shown(value: object) -> str:
    """A value of unknown size as a few words."""
    try:
        text = str(value)
    except ValueError:
        # An integer of more digits than Python agrees to spell.
        text = "a very long number"
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what fits in a line beside the sentence
