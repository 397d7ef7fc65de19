"""Secrets at rest."""

from typing import Protocol


def secret_place(integration: str, name: str) -> str:
    """Where an integration's secret belongs: the ``place`` of its ciphertext."""
    return f"{integration}#{name}"


class SecretBox(Protocol):
    """Encrypts values so that a ciphertext opens only in its own place."""

    def seal(self, plain: str, place: str) -> str:
        """The ciphertext of a value; ``place`` says whose secret it is and must be the same on opening."""
        ...

    def open(self, sealed: str, place: str) -> str:
        """The value again. Raises DomainError("secret_unreadable") for another key, another place or a changed text."""
        ...

    def fingerprint(self, plain: str, place: str) -> str:
        """A keyed hash: equal values in one place have equal ones, and nothing else can be learned from it."""
        ...
