"""Telling a program of the operator's what happened."""

from collections.abc import Mapping
from typing import Any, Protocol


class Webhook(Protocol):
    """One address that takes events."""

    def post(self, event: Mapping[str, Any]) -> None:
        """Post one event as JSON, signed. Raises TemporaryFailure or DomainError where it was not taken."""
        ...
