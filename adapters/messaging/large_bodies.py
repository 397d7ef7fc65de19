"""Bodies over a limit are cut while they arrive, so that a message of 100 MB costs no more memory than one of 1 MB.

pika collects all frames of a body before it hands a message over, and RabbitMQ 3.10 lets 128 MiB through. The class that
collects them is public in pika, its place in a channel is not: the version is pinned, and a test sends 100 MB.
"""

import hashlib
from typing import Any, Self

from pika.adapters.blocking_connection import BlockingChannel
from pika.channel import ContentFrameAssembler
from pika.exceptions import BodyTooLongError
from pika.frame import Body, Header


class CutBody(bytes):
    """The first bytes of a body over the limit, with the size in bytes and the SHA-256 (hex) of the whole."""

    size: int
    sha256: str

    @classmethod
    def of(cls, start: bytes, size: int, sha256: str) -> Self:
        cut = cls(start)
        cut.size, cut.sha256 = size, sha256
        return cut


class CuttingAssembler(ContentFrameAssembler):  # type: ignore[misc]  # pika has no type information
    """Collects a message's frames as pika does, but keeps at most ``limit`` bytes and one more of its body.

    The one more makes a cut body fail every later check of its length, also one that knows nothing of cutting.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._cut: _Cut | None = None

    def process(self, frame_value: Any) -> tuple[Any, Any, bytes] | None:
        """Take one frame; the message (method frame, header frame, body) where it was the last one."""
        cut = self._cut
        if cut is not None and isinstance(frame_value, Body):
            if not cut.take(frame_value.fragment):
                return None
            self._cut = None
            method, header, _ = self._finish()
            return method, header, cut.body()
        if isinstance(frame_value, Header) and frame_value.body_size > self._limit:
            self._cut = _Cut(self._limit + 1, frame_value.body_size)
        message: tuple[Any, Any, bytes] | None = super().process(frame_value)
        return message


class _Cut:
    """One body over the limit while it arrives."""

    def __init__(self, keep: int, size: int) -> None:
        self._keep = keep
        self._size = size
        self._start = bytearray()
        self._seen = 0
        self._digest = hashlib.sha256()

    def take(self, fragment: bytes) -> bool:
        """Whether this was the last fragment."""
        self._digest.update(fragment)
        self._seen += len(fragment)
        self._start += fragment[: self._keep - len(self._start)]
        if self._seen > self._size:
            raise BodyTooLongError(self._seen, self._size)
        return self._seen == self._size

    def body(self) -> CutBody:
        return CutBody.of(bytes(self._start), self._size, self._digest.hexdigest())


def cut_large_bodies(channel: BlockingChannel, limit: int) -> None:
    """From now on bodies over ``limit`` bytes come as CutBody on this channel."""
    channel._impl._content_assembler = CuttingAssembler(limit)  # noqa: SLF001 - see above
