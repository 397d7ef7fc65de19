"""The field map: which fields another system gets, and where each comes from (facts: seed-systems 3, "Business Rules").

Declared as data, read once, applied often. The page of its users is ``docs/reference/field-map.md``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from domain.mapping.errors import FieldMapRefused, Mistake, refuse, shown
from domain.mapping.limits import FIELDS_MAX
from domain.mapping.path import Path, Scope, read_path
from domain.mapping.plan import Planned, read_each
from domain.mapping.rule import read_rules
from domain.mapping.tree import Group, Work


@dataclass(frozen=True, slots=True)
class FieldMap:
    """A map that was read; ``sources`` are the paths it reads, in their order."""

    root: Group
    sources: tuple[Path, ...]

    def apply(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the other system: groups, lists, texts, decimals, whole numbers, truth values, days and times.

        The source is left alone, and nothing of the result is shared with it. Raises MappingFailed with the path of the field.
        """
        return self.root.build(Scope(source), "", Work())


def parse_field_map(value: object, path: str = "field_map", roots: Collection[str] = ()) -> FieldMap:
    """Read a declared map, as YAML gives it. Raises FieldMapRefused with every mistake, at most one for each field.

    ``path`` is where the map stands, for the mistakes. ``roots`` are the first names that a source path may have, where
    they are known; a slip there would otherwise only show as an empty field.
    """
    if not isinstance(value, Mapping) or not 0 < len(value) <= FIELDS_MAX:
        raise refuse(path, f"A field map has 1 to {FIELDS_MAX} entries, each a field of the other system and where it comes from.")
    planned = Planned(path)
    mistakes: list[Mistake] = []
    for target, declared in value.items():
        place = f"{path}.{shown(target)}"
        try:
            mistakes += _unknown_roots(_plan(planned, target, declared, place), place, roots)
        except FieldMapRefused as refused:
            mistakes += refused.mistakes
    root = Group({}) if mistakes else planned.finish((), mistakes)
    if mistakes or not isinstance(root, Group):
        raise FieldMapRefused(mistakes)
    return FieldMap(root, tuple(dict.fromkeys(planned.paths())))


def _plan(planned: Planned, target: object, declared: object, place: str) -> tuple[Path, ...]:
    """Put one entry in its place; the paths it reads."""
    at = read_path(target, place)
    if isinstance(declared, Mapping) and "each" in declared:
        if not at.parts[-1].is_list:
            raise refuse(place, f"`each` belongs to a list: {at}[]")
        each = read_each(declared, place)
        planned.set_each(at, each)
        return each.paths
    rules = read_rules(declared, place)
    planned.at(at).rules = rules
    return tuple(source for rule in rules for source in rule.paths)


def _unknown_roots(sources: tuple[Path, ...], path: str, roots: Collection[str]) -> list[Mistake]:
    known = tuple(sorted(roots))
    names = dict.fromkeys(source.parts[0].name for source in sources) if known else {}
    text = f"a document has {', '.join(known)}."
    return [Mistake(path, f"There is no {name!r} to read from; {text}", name, known) for name in names if name not in roots]
