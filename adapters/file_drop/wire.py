"""What the drop needs of a protocol, and how a protocol says that something went wrong."""

from collections.abc import Callable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way."""

    place: Place
    content: bytes


Staged = int | Declined | None
"""None: it is uploaded. A size: nothing was done, for a file of that size has the final name. Else why it could not be uploaded."""

Revealed = Declined | Lost | None
"""None: it has its final name. Else why not, or that nobody knows."""


Meanwhile = Callable[[], None]
"""What there is to do while an answer is on its way. It raises nothing: there are answers to be read after it."""


def nothing() -> None:
    """There is nothing to do."""


class Wire(Protocol):
    """One connection. Every method may raise Lost, and those about one file Declined. Paths are full."""

    endpoint: Endpoint

    renames_at_once: bool
    """Whether a file can never stand under both names: then an upload under its temporary name proves that it was not renamed."""

    burst_files: int
    """So many files are uploaded at once at most."""

    def stage(self, uploads: Sequence[Upload], meanwhile: Meanwhile = nothing) -> Sequence[Staged]:
        """Upload under the temporary names and verify the sizes: of as many as the protocol does at once, but of one at least."""
        ...

    def reveal(self, places: Sequence[Place]) -> Iterator[Revealed]:
        """Give uploads their final names. Raises nothing: where the connection breaks, each that is left is told by itself."""
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


def reveal_in_turn(places: Sequence[Place], reveal: Callable[[Place], None]) -> Iterator[Revealed]:
    """For protocols that rename one file at a time. After a break the rest is not asked for, so it certainly has no new names."""
    left = iter(places)
    for place in left:
        try:
            reveal(place)
        except Declined as no:
            yield no
        except Lost as lost:
            yield lost
            yield from (Lost(lost.reason) for _ in left)
        else:
            yield None
