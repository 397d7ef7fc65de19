"""What the fleet tells about itself. Values are facts for operators; never secrets, never whole documents."""

from typing import Protocol


class Telemetry(Protocol):
    """Logs an event with its facts and counts it."""

    def event(self, name: str, **facts: object) -> None:
        """Something happened that an operator may want to know."""
        ...

    def problem(self, name: str, **facts: object) -> None:
        """Something went wrong; the facts say what to do next where that is known."""
        ...
