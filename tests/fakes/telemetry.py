"""Telemetry that remembers."""


class RememberedTelemetry:
    """The port ``Telemetry``."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))

    def problem(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))
