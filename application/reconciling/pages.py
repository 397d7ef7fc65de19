"""A long row of things in pages."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_pages(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """So many at a time; reads no further than the page that is asked for."""
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page
