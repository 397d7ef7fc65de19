"""Where a value stands: ``order.billing_city``, ``lines[].sku``; names only, never expressions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.mapping.errors import MappingFailed, refuse
from domain.mapping.limits import LIST_LENGTH_MAX, NAME_LENGTH_MAX, PATH_DEPTH_MAX

_PART = re.compile(r"(?P<name>[^.\[\]\x00-\x1f\x7f]+)(?P<list>\[\])?")


@dataclass(frozen=True, slots=True)
class Part:
    """A name between two dots; ``is_list`` where ``[]`` follows: each element of that list."""

    name: str
    is_list: bool = False

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.name}[]" if self.is_list else self.name


@dataclass(frozen=True, slots=True)
class Path:
    """The parts of a path, from the outside in; at least one."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        """As it is written."""
        return ".".join(map(str, self.parts))

    @property
    def lists(self) -> "tuple[Path, ...]":
        """The lists the path goes through, outermost first: ``a[]`` and ``a[].b[]`` of ``a[].b[].c``."""
        return tuple(Path(self.parts[: index + 1]) for index, part in enumerate(self.parts) if part.is_list)

    def is_inside(self, outer: "Path") -> bool:
        """Whether the path goes through ``outer``, or is it."""
        return self.parts[: len(outer.parts)] == outer.parts


def read_path(value: object, place: str) -> Path:
    """Read a declared path. Raises FieldMapRefused."""
    if not isinstance(value, str) or not value:
        raise refuse(place, "Here a path is expected, such as order.ref or lines[].sku.")
    words = value.split(".", PATH_DEPTH_MAX)
    if len(words) > PATH_DEPTH_MAX:
        raise refuse(place, f"A path has at most {PATH_DEPTH_MAX} parts.")
    return Path(tuple(_read_part(word, place) for word in words))


def _read_part(word: str, place: str) -> Part:
    match = _PART.fullmatch(word)
    if match is None or match["name"] != match["name"].strip() or len(match["name"]) > NAME_LENGTH_MAX:
        raise refuse(place, "A path is made of names with dots between them, and [] after the name of a list: lines[].sku.")
    return Part(match["name"], match["list"] is not None)


@dataclass(frozen=True, slots=True)
class Scope:
    """What paths are looked up in: the source, and the current element of each list that is being gone through."""

    source: Mapping[str, Any]
    elements: tuple[tuple[Path, Any], ...] = ()

    def inside(self, each: Path, element: Any) -> "Scope":
        """The scope of one element of a list; paths through that list mean this element."""
        return Scope(self.source, (*self.elements, (each, element)))

    def find(self, path: Path) -> Any:
        """The value at the path, or None. A path through a list that is not being gone through gives all its values, as a list."""
        start, rest = self._start(path)
        if not any(part.is_list for part in rest):
            value = next(_walk(start, rest))
            if isinstance(value, list | tuple) and value:
                raise MappingFailed("", f"{path} is a list; write {path}[] for its elements.")
            return value
        return _bounded(_walk(start, rest), path)

    def elements_of(self, each: Path) -> list[Any]:
        """The elements of a list, for ``inside``."""
        start, rest = self._start(each)
        return _bounded(_walk(start, rest), each)

    def _start(self, path: Path) -> tuple[Any, tuple[Part, ...]]:
        # The innermost list first: the last one that was entered.
        for each, element in reversed(self.elements):
            if path.is_inside(each):
                return element, path.parts[len(each.parts) :]
        return self.source, path.parts


def _walk(value: Any, parts: tuple[Part, ...]) -> Iterator[Any]:
    for index, part in enumerate(parts):
        # Anything but a group has no fields: an empty group comes as an empty list from some languages.
        value = value.get(part.name) if isinstance(value, Mapping) else None
        if part.is_list:
            for element in _as_list(value, part):
                yield from _walk(element, parts[index + 1 :])
            return
    yield value


def _as_list(value: Any, part: Part) -> list[Any] | tuple[Any, ...]:
    if value is None or value in ("", {}):
        return ()
    if not isinstance(value, list | tuple):
        raise MappingFailed("", f"{part.name} is no list in this document.")
    return value


def _bounded(values: Iterator[Any], path: Path) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if len(found) == LIST_LENGTH_MAX:
            raise MappingFailed("", f"{path} has more than {LIST_LENGTH_MAX} elements.")
        found.append(value)
    return found
