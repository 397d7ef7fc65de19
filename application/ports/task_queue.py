"""Hints to workers that there is work. A lost hint costs time, never work: a sweep sends it again."""

from collections.abc import Sequence
from typing import Protocol


class TaskQueue(Protocol):
    """Sends hints. Never raises: without a broker the hint is dropped, and logged."""

    def runs_due(self, run_ids: Sequence[int]) -> None:
        """These invoicing runs are due."""
        ...

    def lanes_due(self, integrations: Sequence[str]) -> None:
        """These lanes (integration paths) have work."""
        ...
