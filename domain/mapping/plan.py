"""The declared fields put together into a tree; each list of the result is tied to the list of the source it follows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.mapping.arguments import keys_of
from domain.mapping.condition import Condition, read_condition
from domain.mapping.errors import FieldMapRefused, Mistake, refuse
from domain.mapping.path import Path, read_path
from domain.mapping.rule import Rule
from domain.mapping.tree import Group, Leaf, Repeat

Node = Leaf | Group | Repeat


@dataclass(frozen=True, slots=True)
class Each:
    """A declared tie: the list to follow, and which of its elements."""

    path: Path
    when: Condition | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path the tie reads."""
        return (self.path, self.when.path) if self.when else (self.path,)


def read_each(value: object, place: str) -> Each:
    """Read a declared tie. Raises FieldMapRefused."""
    keys = keys_of(value, place, ("each",), ("when",))
    path = read_path(keys["each"], f"{place}.each")
    if not path.parts[-1].is_list:
        raise refuse(f"{place}.each", f"Here a list is expected: {path}[]")
    return Each(path, read_condition(keys["when"], f"{place}.when") if "when" in keys else None)


@dataclass(slots=True)
class Planned:
    """A place in the result while the map is read: in the end a group, a list or a field."""

    place: str
    fields: "dict[str, Planned]" = field(default_factory=dict)
    entry: "Planned | None" = None
    each: Each | None = None
    rules: tuple[Rule, ...] = ()

    def at(self, target: Path) -> "Planned":
        """The place at a path below this one; of a path that ends in a list, its entries."""
        here = self
        for part in target.parts:
            here = here.fields.setdefault(part.name, Planned(f"{here.place}.{part.name}"))
            if part.is_list:
                here.entry = here.entry or Planned(f"{here.place}[]")
                here = here.entry
        return here

    def set_each(self, target: Path, each: Each) -> None:
        """Tie the list at a path that ends in one."""
        entry = self.at(target)
        owner = self if len(target.parts) == 1 else self.at(Path(target.parts[:-1]))
        owned = owner.fields[target.parts[-1].name]
        if owned.entry is entry:
            owned.each = each

    def finish(self, bound: tuple[Path, ...], mistakes: list[Mistake]) -> Node:
        """The tree from here on; ``bound`` are the lists that are being gone through. Mistakes are added."""
        if (bool(self.fields) + (self.entry is not None) + bool(self.rules)) != 1:
            mistakes.append(Mistake(self.place, self._confusion()))
        if self.rules:
            return Leaf(self.rules)
        if self.entry is not None:
            return self._finish_list(self.entry, bound, mistakes)
        return Group({name: inner.finish(bound, mistakes) for name, inner in self.fields.items()})

    def _confusion(self) -> str:
        if not self.fields and not self.rules:
            return "This has no fields."
        return "This is used in two ways; it is a value, a group of fields or a list, and only one of them."

    def _finish_list(self, entry: "Planned", bound: tuple[Path, ...], mistakes: list[Mistake]) -> Node:
        try:
            each = self.each or Each(self._list_to_follow(entry, bound))
        except FieldMapRefused as refused:
            mistakes += refused.mistakes
            return Group({})
        return Repeat(each.path, each.when, entry.finish((*bound, each.path), mistakes))

    def _list_to_follow(self, entry: "Planned", bound: tuple[Path, ...]) -> Path:
        followed = {unbound for path in entry.paths() if (unbound := _first_unbound(path, bound)) is not None}
        if len(followed) == 1:
            return followed.pop()
        names = " and ".join(sorted(map(str, followed)))
        problem = f"The fields below come from {names}" if followed else "No field below comes from a list"
        example = min(map(str, followed), default="lines[]")
        raise refuse(self.place, f"{problem}; say which list to follow with an entry for the list itself: {{each: {example}}}.")

    def paths(self) -> Iterator[Path]:
        """Every path that is read from here on."""
        yield from (path for rule in self.rules for path in rule.paths)
        yield from self.each.paths if self.each else ()
        for inner in (*self.fields.values(), *([self.entry] if self.entry else [])):
            yield from inner.paths()


def _first_unbound(path: Path, bound: tuple[Path, ...]) -> Path | None:
    return next((outer for outer in path.lists if outer not in bound), None)
