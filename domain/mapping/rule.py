"""How one field gets its value: from where, what if there is nothing, and what is done to it on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.mapping.arguments import a_constant, keys_of
from domain.mapping.condition import Condition, read_condition
from domain.mapping.errors import MappingFailed, refuse
from domain.mapping.functions import Step, Value, read_steps
from domain.mapping.limits import RULES_PER_FIELD_MAX, SOURCES_MAX
from domain.mapping.path import Path, Scope, read_path
from domain.mapping.table import Table, read_table
from domain.mapping.values import Scalar, is_empty, to_scalar

KEYS = ("from", "value", "default", "force", "required", "functions", "table", "otherwise", "when")


@dataclass(frozen=True, slots=True)
class Rule:
    """In this order: the sources (or the constant), the default, the functions, the table.

    ``constant`` stands where no sources do. ``forced``: the default is taken whatever the sources say.
    """

    sources: tuple[Path, ...] = ()
    constant: Scalar | None = None
    default: Scalar | None = None
    forced: bool = False
    required: bool = False
    steps: tuple[Step, ...] = ()
    table: Table | None = None
    when: Condition | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path the rule reads."""
        return (*self.sources, self.when.path) if self.when else self.sources

    def holds(self, scope: Scope) -> bool:
        """Whether the rule counts here."""
        return self.when is None or self.when.holds(scope)

    def value(self, scope: Scope) -> Value:
        """The value of the field, or None where it is left out. Raises MappingFailed."""
        value = self.constant if not self.sources else None if self.forced else _gather(map(scope.find, self.sources), len(self.sources))
        if self.default is not None and (self.forced or is_empty(value)):
            value = self.default
        for step in self.steps:
            value = step(value)
        value = _translated(value, self.table) if self.table else value
        if self.required and is_empty(value):
            raise MappingFailed("", "This field is required, and there is no value for it.")
        return None if value == [] else value


def _gather(found: Iterable[Any], sources: int) -> Value:
    """The value of a single source; of several sources, or through a list, every value that is not empty."""
    values: list[Scalar] = []
    single = sources == 1
    for one in found:
        # Scope.find makes a list of its own for a path through a list; a list that is a field's value needs [] to be read.
        single = single and not isinstance(one, list)
        values += [scalar for value in (one if isinstance(one, list) else [one]) if (scalar := _scalar(value)) is not None]
    return (values[0] if values else None) if single else values


def _scalar(value: Any) -> Scalar | None:
    return None if is_empty(value) else to_scalar(value)


def _translated(value: Value, table: Table) -> Value:
    if isinstance(value, list):
        return [table.look_up(one) for one in value]
    if value is None or is_empty(value):
        return table.entries.get("", value)
    return table.look_up(value)


def read_rules(value: object, place: str) -> tuple[Rule, ...]:
    """The declared rules of one field: a path, a group of keys, or a list of these. Raises FieldMapRefused."""
    if not isinstance(value, list):
        return (read_rule(value, place),)
    if not 0 < len(value) <= RULES_PER_FIELD_MAX:
        raise refuse(place, f"Here 1 to {RULES_PER_FIELD_MAX} rules are expected; the first whose `when` holds counts.")
    return tuple(read_rule(one, f"{place}[{index}]") for index, one in enumerate(value))


def read_rule(value: object, place: str) -> Rule:
    """One declared rule. Raises FieldMapRefused."""
    if isinstance(value, str):
        return Rule(sources=(read_path(value, place),))
    keys = keys_of(value, place, (), KEYS)
    if ("from" in keys) == ("value" in keys):
        raise refuse(place, "A field has either `from` (a path) or `value` (a constant).")
    _check_partners(keys, place)
    otherwise = _constant(keys, "otherwise", place)
    return Rule(
        sources=_read_sources(keys["from"], f"{place}.from") if "from" in keys else (),
        constant=_constant(keys, "value", place),
        default=_constant(keys, "default", place),
        forced=_switch(keys, "force", place),
        required=_switch(keys, "required", place),
        steps=read_steps(keys["functions"], f"{place}.functions") if "functions" in keys else (),
        table=read_table(keys["table"], f"{place}.table", otherwise) if "table" in keys else None,
        when=read_condition(keys["when"], f"{place}.when") if "when" in keys else None,
    )


def _check_partners(keys: Mapping[str, Any], place: str) -> None:
    for key, partner in (("default", "from"), ("force", "default"), ("otherwise", "table")):
        if key in keys and partner not in keys:
            raise refuse(f"{place}.{key}", f"This needs `{partner}` beside it.")


def _read_sources(value: object, place: str) -> tuple[Path, ...]:
    if not isinstance(value, list):
        return (read_path(value, place),)
    if not 0 < len(value) <= SOURCES_MAX:
        raise refuse(place, f"Here 1 to {SOURCES_MAX} paths are expected.")
    return tuple(read_path(one, f"{place}[{index}]") for index, one in enumerate(value))


def _constant(keys: Mapping[str, Any], key: str, place: str) -> Scalar | None:
    return a_constant(keys[key], f"{place}.{key}") if key in keys else None


def _switch(keys: Mapping[str, Any], key: str, place: str) -> bool:
    value = keys.get(key, False)
    if not isinstance(value, bool):
        raise refuse(f"{place}.{key}", "Here true or false is expected.")
    return value
