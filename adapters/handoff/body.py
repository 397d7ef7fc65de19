"""A request body that tells when it is about to leave."""

import io
from collections.abc import Callable


class NotHandedOver(Exception):
    """``handing_over`` said no; its own error is the cause. The other side has headers and no body, which has no effect there."""


class HandedOverBody(io.RawIOBase):
    """The bytes of a request, as a file that is read once.

    The HTTP library connects, secures the connection and sends the headers before it asks a body for its first bytes. So the
    first read is the last moment at which nothing can have happened at the other side. An empty body would not be read.
    """

    def __init__(self, content: bytes, handing_over: Callable[[], None]) -> None:
        super().__init__()
        self._content = io.BytesIO(content)
        self._size = len(content)
        self._handing_over = handing_over
        self.handed_over = False

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; the first time after asking leave. Raises NotHandedOver, which no library takes for a network fault."""
        if not self.handed_over:
            try:
                self._handing_over()
            except Exception as error:
                raise NotHandedOver from error
            self.handed_over = True
        return self._content.read(size)

    def tell(self) -> int:
        """How far it was read: the library takes what is left for the Content-Length."""
        return self._content.tell()
