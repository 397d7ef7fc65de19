"""A lookup table: what a value is called in the other system."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.mapping.arguments import a_constant
from domain.mapping.errors import MappingFailed, refuse, shown
from domain.mapping.limits import TABLE_ENTRIES_MAX
from domain.mapping.values import Scalar, as_key, to_text


@dataclass(frozen=True, slots=True)
class Table:
    """Entries by the text of the value; ``otherwise`` is for values that have none."""

    entries: Mapping[str, Scalar]
    otherwise: Scalar | None = None

    def look_up(self, value: Scalar) -> Scalar:
        """What stands for the value. Raises MappingFailed where nothing does."""
        found = self.entries.get(as_key(value), self.otherwise)
        if found is None:
            raise MappingFailed("", f"The table has no entry for {shown(to_text(value))!r}; add one, or an `otherwise`.")
        return found


def read_table(value: object, place: str, otherwise: Scalar | None) -> Table:
    """Read a declared table. Raises FieldMapRefused."""
    if not isinstance(value, Mapping) or not 0 < len(value) <= TABLE_ENTRIES_MAX:
        raise refuse(place, f"Here a table of 1 to {TABLE_ENTRIES_MAX} entries is expected, such as GB: United Kingdom.")
    return Table({_read_key(key, place): a_constant(put, f"{place}.{shown(key)}") for key, put in value.items()}, otherwise)


def _read_key(key: object, place: str) -> str:
    if isinstance(key, bool):
        # YAML reads NO, the country, as "false".
        raise refuse(place, "A key that YAML reads as true or false must stand in quotes: 'NO'.")
    return as_key(a_constant(key, f"{place}.{shown(key)}"))
