"""A task queue that remembers its hints."""

from collections.abc import Sequence


class RememberedHints:
    """The port ``TaskQueue``."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.lanes: list[str] = []

    def runs_due(self, run_ids: Sequence[int]) -> None:
        self.runs.extend(run_ids)

    def lanes_due(self, integrations: Sequence[str]) -> None:
        self.lanes.extend(integrations)
