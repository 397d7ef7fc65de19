"""A request body that tells when it is about to leave."""

import io
from collections.abc import Callable


class NotHandedOver(Exception):
    """``handing_over`` said no; its own error is the cause. The vendor has headers and no body, which has no effect there."""


class LeavingBody(io.RawIOBase):
    """The bytes of a request, as a file that is read once.

    The HTTP library connects and sends the headers before it asks for the first bytes, so the first read is the last moment at which
    nothing can have happened at the vendor. ``left`` says whether it came. An empty body would not be read.
    """

    def __init__(self, content: bytes, handing_over: Callable[[], None]) -> None:
        super().__init__()
        self._content = io.BytesIO(content)
        self._size = len(content)
        self._handing_over = handing_over
        self.left = False

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; the first time after asking leave. Raises NotHandedOver, which no library takes for a network fault."""
        if not self.left:
            try:
                self._handing_over()
            except Exception as error:
                raise NotHandedOver from error
            self.left = True
        return self._content.read(size)

    def tell(self) -> int:
        """How far it was read: the library takes what is left for the Content-Length."""
        return self._content.tell()
