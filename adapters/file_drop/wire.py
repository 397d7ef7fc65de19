"""What the drop needs of a protocol, and how a protocol says that something went wrong."""

from dataclasses import dataclass
from typing import Protocol

from adapters.file_drop.place import Place
from domain.delivery.outcome import Refused, RetryLater

STALE_AFTER_S = 24 * 3600
"""The age from which an upload of ours that never got its final name is removed: far above that of any upload under way."""


def described(error: BaseException) -> str:
    """What an error says; its kind where it says nothing, as many of ``socket`` and ``ssl`` do."""
    return str(error) or type(error).__name__


class Lost(Exception):
    """The connection is gone. ``asked`` tells whether a rename may have been carried out before."""

    def __init__(self, reason: str, *, asked: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.asked = asked


class Declined(Exception):
    """The other side said no, and the connection is good for more. ``answer`` is the protocol's code, where it has one."""

    def __init__(self, outcome: Refused | RetryLater, answer: str = "") -> None:
        super().__init__(str(outcome))
        self.answer = answer
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a wire is connected to, in words for people."""

    where: str
    details: tuple[str, ...] = ()


class Wire(Protocol):
    """One connection. Every method may raise Lost or Declined. Paths are full."""

    endpoint: Endpoint

    renames_at_once: bool
    """Whether a file can never stand under both names: then an upload under its temporary name proves that it was not renamed."""

    def stage(self, place: Place, content: bytes) -> int | None:
        """Upload under the temporary name and verify the size. Where the final name is taken: nothing, but the size of what is there."""
        ...

    def reveal(self, place: Place) -> None:
        """Give the upload its final name."""
        ...

    def size(self, path: str) -> int | None:
        """Of a file in bytes; None where there is none."""
        ...

    def read(self, path: str, size: int) -> bytes:
        """The content of a file of that size."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens where there is none."""
        ...

    def remove_stale(self, folder: str) -> None:
        """Remove old uploads of ours that never got their final name, as far as the protocol can list them with their age."""
        ...

    def close(self) -> None:
        """Say good-bye and hang up."""
        ...

    def abort(self) -> None:
        """Hang up at once. What is still on its way must not arrive later, beside what the next connection does."""
        ...
