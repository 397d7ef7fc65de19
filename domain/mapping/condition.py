"""When a rule counts: one path, and what is asked of its value."""

from dataclasses import dataclass

from domain.mapping.arguments import a_constant, keys_of
from domain.mapping.errors import refuse
from domain.mapping.limits import TABLE_ENTRIES_MAX
from domain.mapping.path import Path, Scope, read_path
from domain.mapping.values import as_key, is_empty, to_scalar

_TESTS = ("equals", "not_equals", "in", "has_value")


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether the value at ``path`` is one of ``keys``; without keys, whether there is one. ``wanted`` false turns the answer around.

    Of a list one element is enough. An empty value is equal to the empty text.
    """

    path: Path
    keys: frozenset[str] | None
    wanted: bool = True

    def holds(self, scope: Scope) -> bool:
        """Ask it. Raises MappingFailed where the value is a group of fields."""
        found = scope.find(self.path)
        values = found if isinstance(found, list) else [found]
        if self.keys is None:
            return self.wanted is any(not is_empty(value) for value in values)
        return self.wanted is any(_key(value) in self.keys for value in values)


def _key(value: object) -> str:
    scalar = None if is_empty(value) else to_scalar(value)
    return "" if scalar is None else as_key(scalar)


def read_condition(value: object, place: str) -> Condition:
    """Read a declared condition. Raises FieldMapRefused."""
    keys = keys_of(value, place, ("path",), _TESTS)
    path = read_path(keys["path"], f"{place}.path")
    tests = [test for test in _TESTS if test in keys]
    if len(tests) != 1:
        raise refuse(place, f"A condition has a path and one of {', '.join(_TESTS)}.")
    test = tests[0]
    argument, at = keys[test], f"{place}.{test}"
    if test == "has_value":
        if not isinstance(argument, bool):
            raise refuse(at, "Here true or false is expected.")
        return Condition(path, None, argument)
    return Condition(path, _read_keys(argument, at) if test == "in" else frozenset([_read_key(argument, at)]), test != "not_equals")


def _read_keys(value: object, place: str) -> frozenset[str]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= TABLE_ENTRIES_MAX:
        raise refuse(place, f"Here a list of 1 to {TABLE_ENTRIES_MAX} values is expected.")
    return frozenset(_read_key(one, f"{place}[{index}]") for index, one in enumerate(value))


def _read_key(value: object, place: str) -> str:
    return as_key(a_constant(value, place))
