"""One configured destination of one company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Integration:
    """A destination: its kind, its switch and its settings. Secrets are kept apart, encrypted.

    ``name`` tells several of one kind apart; ``path`` is how people and scripts call it. ``weight`` is how many time slices of
    delivery it gets in one turn, from 1 to 10.
    """

    company: str
    kind: str
    name: str = ""
    enabled: bool = True
    starting_from: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 1

    @property
    def path(self) -> str:
        """``COMPANY/KIND``, or ``COMPANY/KIND/NAME`` where it has a name."""
        return "/".join(filter(None, (self.company, self.kind, self.name)))
