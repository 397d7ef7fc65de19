"""Lists are paged by key: the last key seen leads on, whatever is added meanwhile."""

from collections.abc import Sequence
from typing import TypeVar

from entrypoints.cli.presenting import say

Row = TypeVar("Row")


def page(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], Row | None]:
    """The rows to show, and the last of them where more follow. ``rows`` must have been asked for with one more than ``limit``."""
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None


def nothing(after: str, text: str) -> str:
    """Why a page is empty: ``text`` where it is the first one."""
    return f"There are no more behind {after}." if after else text


def say_more(following: str | None) -> None:
    """Tell people how to go on."""
    if following:
        say(f"There are more: add --after {following}")
