"""Opens drops by the type of file system."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.file_drop.ftp import FtpWire
from adapters.file_drop.local import LocalWire
from adapters.file_drop.session import DropSession
from adapters.file_drop.sftp import SftpWire
from adapters.file_drop.sockets import Resolve, Timeouts, resolve_by_system
from adapters.file_drop.wire import Wire
from application.ports.file_drop import DropAddress


class SftpFileDrop(DropSession):
    """A drop over SFTP. The host key must be pinned."""

    def __init__(self, address: DropAddress, resolve: Resolve = resolve_by_system, timeouts: Timeouts | None = None) -> None:
        super().__init__(address.root, lambda: SftpWire(address, resolve, timeouts or Timeouts()))


class FtpFileDrop(DropSession):
    """A drop over FTP, with TLS unless the address allows it plain. ``tls`` says whom to trust; by default the system's authorities."""

    def __init__(
        self,
        address: DropAddress,
        resolve: Resolve = resolve_by_system,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        context = tls or ssl.create_default_context()
        super().__init__(address.root, lambda: FtpWire(address, resolve, timeouts or Timeouts(), context))


class LocalFileDrop(DropSession):
    """A drop in a folder of this machine."""

    def __init__(self, address: DropAddress) -> None:
        wire: Callable[[], Wire] = lambda: LocalWire(address.root)  # noqa: E731 - the type is the point
        super().__init__(address.root, wire)


class FileDropsByType:
    """The one that the address asks for. ``resolve`` holds the rules for outgoing connections."""

    def __init__(self, resolve: Resolve = resolve_by_system, timeouts: Timeouts | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._timeouts = timeouts or Timeouts()
        self._tls = tls

    @contextmanager
    def open(self, address: DropAddress) -> Iterator[DropSession]:
        """Connect and log in; say good-bye at the end."""
        drop = self._drop(address)
        try:
            yield drop
        finally:
            drop.close()

    def _drop(self, address: DropAddress) -> DropSession:
        match address.fs_type:
            case "sftp":
                return SftpFileDrop(address, self._resolve, self._timeouts)
            case "ftp":
                return FtpFileDrop(address, self._resolve, self._timeouts, self._tls)
            case "local":
                return LocalFileDrop(address)
