"""Values that are made by the thousand: several for each message and each line."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Value = TypeVar("Value")


@dataclass_transform(frozen_default=True)
def value(cls: type[Value]) -> type[Value]:
    """A dataclass that nobody changes: the type checker refuses it. Equal and hashed by its fields.

    ``dataclass(frozen=True)`` would refuse it at run time too, but takes several times as long to make: that
    was a tenth of the whole time of intake (docs/explanation/speed.md). It stays the choice for all that is made seldom.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
