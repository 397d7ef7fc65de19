"""The declared configuration inside a unit of work."""

from collections.abc import Mapping
from typing import Protocol

from application.configuration import Configuration


class Configurations(Protocol):
    """Stores what `apply` declared."""

    def current(self) -> Configuration:
        """The configuration now in force; cheap where it has not changed since the last call in this process."""
        ...

    def save(self, wanted: Configuration, assets: Mapping[str, bytes], secrets: Mapping[str, Mapping[str, str | None]]) -> int:
        """Make this the configuration; returns its revision.

        ``assets`` are files by SHA-256 (logos). ``secrets`` are the plain values by integration path and name: they are stored
        encrypted, one that is None is removed, and those that are not named stay. An integration that is gone is switched off,
        and kept for its history.
        """
        ...

    def asset(self, sha256: str) -> bytes | None:
        """A stored file."""
        ...

    def secrets_of(self, integration_path: str) -> Mapping[str, str]:
        """The decrypted secrets of an integration."""
        ...

    def secret_names(self) -> Mapping[str, Mapping[str, str]]:
        """By integration path: the name of each secret and a keyed fingerprint of its value, to see a change by."""
        ...
