"""YAML text as plain values, with the line that each of them stands on.

Only the types of YAML 1.2 are read, so that a country ``NO`` is no boolean, a time ``09:30`` no number and a postcode ``01234`` no octal.
Numbers with a point become Decimal with the digits they were written with. A key that stands twice is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from application.configuration_mistakes import ConfigurationRefused, Mistake

Path = tuple[str | int, ...]

# Anchors may repeat a part: without a limit, a few lines could stand for billions of values.
_NODES_MAX = 2_000_000
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """Knows null, true, false and decimal numbers; everything else is text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - this is how PyYAML is told


for _name, _pattern, _first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", list("-0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _first)


@dataclass(slots=True)
class Document:
    """The values of a YAML document; ``lines`` tells where each path stands, counted from 1."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def parse(text: str) -> Document:
    """Read one YAML document. Raises ConfigurationRefused with the line where the text is no YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigurationRefused([_not_yaml(error)]) from None
    except RecursionError:
        raise ConfigurationRefused([Mistake("", "This nests too deeply to be a configuration.")]) from None
    builder = _Builder()
    document = Document(builder.build(node, ()) if node else None, builder.lines)
    if builder.mistakes:
        raise ConfigurationRefused(builder.mistakes)
    return document


def _not_yaml(error: yaml.YAMLError) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return Mistake("", f"This is not YAML: {problem}.", mark.line + 1 if mark else 0)


@dataclass(slots=True)
class _Builder:
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)
    _count: int = 0

    def build(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count > _NODES_MAX or id(node) in self._open:
            raise ConfigurationRefused([Mistake("", "An anchor repeats itself without end.", node.start_mark.line + 1)])
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self._open.add(id(node))
        try:
            return self._collection(node, path)
        finally:
            self._open.discard(id(node))

    def _collection(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return dict(self._entries(node, path))

    def _entries(self, node: yaml.Node, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                yield from self._merged(value_node, node, path)
                continue
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            line = key_node.start_mark.line + 1
            if key in seen:
                self.mistakes.append(Mistake(show_path((*path, key)), "This key stands here twice.", line))
            seen.add(key)
            self.lines[*path, key] = line
            yield key, self.build(value_node, (*path, key))

    def _merged(self, value_node: yaml.Node, node: yaml.Node, path: Path) -> Iterator[tuple[str, Any]]:
        """What ``<<: *anchor`` brings, apart from the keys that stand here themselves."""
        own = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        for source in reversed(value_node.value) if isinstance(value_node, yaml.SequenceNode) else [value_node]:
            merged = self.build(source, path)
            if isinstance(merged, Mapping):
                yield from ((key, value) for key, value in merged.items() if key not in own)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text = str(node.value)
        match node.tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if len(text) < 100:  # noqa: PLR2004 - no honest number is longer; Python refuses huge ones with an error
                return int(text)
            case "float":
                return Decimal(text)
        return text


def show_path(path: Path) -> str:
    """A path as people write it: ``companies[0].plan.layout``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
