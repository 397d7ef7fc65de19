"""Key pairs that are made for an integration, so that no password is needed."""

from typing import Protocol


class KeyPairs(Protocol):
    """Makes and reads key pairs of SSH."""

    def make(self) -> str:
        """A new private key, as text."""
        ...

    def public_line(self, private_key: str, comment: str) -> str:
        """The line that the partner puts among the keys it lets in; ``comment`` is one word. Raises Invalid for what is no key."""
        ...

    def fingerprint(self, host_key: str) -> str:
        """What a pinned host key, given as its fingerprint or as a public key's line, must show. Raises Invalid for neither."""
        ...
