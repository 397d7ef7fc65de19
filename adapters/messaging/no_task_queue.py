"""No hints: for the embedded default, where worker and scheduler share a process and the worker looks for work itself.

An in-process queue would save at most one poll and could lose or double what the database tells reliably. In a module of
its own, so that a process without a broker loads neither Dramatiq nor pika.
"""

from collections.abc import Sequence


class NoTaskQueue:
    """Drops every hint, as the port allows."""

    def runs_due(self, run_ids: Sequence[int]) -> None:
        """Do nothing."""

    def lanes_due(self, integrations: Sequence[str]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
