"""Calls made at vendors, counted by the whole fleet as one."""

from datetime import datetime
from typing import Protocol

from domain.delivery.call_budget import Calls


class CallBudgets(Protocol):
    """The store of calls inside a unit of work. ``key`` names a limit of a vendor, such as ``xero:TENANT``."""

    def find(self, key: str) -> Calls:
        """As it stands; no calls where none were made."""
        ...

    def lock(self, key: str) -> Calls:
        """As it stands, locked until the unit of work ends."""
        ...

    def save(self, key: str, calls: Calls, at: datetime) -> None:
        """Replace; the key must have been locked in this unit of work."""
        ...
