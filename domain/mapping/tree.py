"""The result of a map as a tree of what makes it: groups of fields, lists that repeat, and single fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.mapping.condition import Condition
from domain.mapping.errors import MappingFailed
from domain.mapping.limits import CHARACTERS_PER_WORK, WORK_MAX
from domain.mapping.path import Path, Scope
from domain.mapping.rule import Rule


@dataclass(slots=True)
class Work:
    """What one application of a map has done so far."""

    done: int = 0

    def add(self, value: Any) -> None:
        """Count a value that was made. Raises MappingFailed where it is too much in all."""
        values = value if isinstance(value, list) else (value,)
        self.done += len(values) + 1
        self.done += sum(len(one) for one in values if isinstance(one, str)) // CHARACTERS_PER_WORK
        if self.done > WORK_MAX:
            raise MappingFailed("", "The result would be too large.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field; the first rule that holds gives its value."""

    rules: tuple[Rule, ...]

    def build(self, scope: Scope, place: str, work: Work) -> Any:
        """The value, or None where the field is left out."""
        try:
            rule = next((rule for rule in self.rules if rule.holds(scope)), None)
            value = None if rule is None else rule.value(scope)
            work.add(value)
        except MappingFailed as failure:
            raise failure.at(place) from None
        return value


@dataclass(frozen=True, slots=True)
class Group:
    """Fields by name; those without a value, and inner groups without fields, are left out."""

    fields: "Mapping[str, Leaf | Group | Repeat]"

    def build(self, scope: Scope, place: str, work: Work) -> dict[str, Any]:
        """The fields."""
        built = ((name, node.build(scope, f"{place}.{name}" if place else name, work)) for name, node in self.fields.items())
        return {name: value for name, value in built if value is not None and value != {}}


@dataclass(frozen=True, slots=True)
class Repeat:
    """One entry for each element of the list ``each`` for which ``when`` holds. A place is numbered as its element, from 0."""

    each: Path
    when: Condition | None
    entry: "Leaf | Group | Repeat"

    def build(self, scope: Scope, place: str, work: Work) -> list[Any]:
        """The entries; single fields without a value are left out, so that a list of texts has no holes."""
        try:
            elements = scope.elements_of(self.each)
            work.add(elements)
        except MappingFailed as failure:
            raise failure.at(place) from None
        entries = (self._entry(scope.inside(self.each, element), f"{place}[{index}]", work) for index, element in enumerate(elements))
        return [entry for entry in entries if entry is not None]

    def _entry(self, scope: Scope, place: str, work: Work) -> Any:
        try:
            holds = self.when is None or self.when.holds(scope)
        except MappingFailed as failure:
            raise failure.at(place) from None
        return self.entry.build(scope, place, work) if holds else None
