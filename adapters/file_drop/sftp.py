"""Files over SFTP."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from paramiko.sftp import (
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_FSTAT,
    CMD_MKDIR,
    CMD_OPEN,
    CMD_READ,
    CMD_REMOVE,
    CMD_RENAME,
    CMD_SETSTAT,
    CMD_STAT,
    CMD_WRITE,
    SFTP_FAILURE,
    SFTP_FLAG_CREATE,
    SFTP_FLAG_READ,
    SFTP_FLAG_WRITE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
    SFTPError,
    int64,
)
from paramiko.sftp_attr import SFTPAttributes
from paramiko.ssh_exception import SSHException

from adapters.file_drop.place import Place, is_part, steps_to
from adapters.file_drop.sftp_client import Reply
from adapters.file_drop.sftp_connection import SSH_PORT, open_sftp
from adapters.file_drop.sockets import Resolve, Timeouts, reset
from adapters.file_drop.wire import STALE_AFTER_S, Declined, Endpoint, Lost, described
from application.ports.file_drop import DropAddress
from domain.delivery.outcome import Refused, RetryLater

_POSIX_RENAME = "posix-rename@openssh.com"
_CHUNK_BYTES = 32_768
"""Every server takes packets of this size (draft-ietf-secsh-filexfer-02, 3)."""

# Not truncated at the opening: a worker that lost its lane and wakes up late then writes the same bytes over those of its successor,
# which may be getting their final name at that moment.
_UPLOAD = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE


class SftpWire:
    """One SFTP connection."""

    def __init__(self, address: DropAddress, resolve: Resolve, timeouts: Timeouts) -> None:
        self._client, self._socket = open_sftp(address, resolve, timeouts)
        self.endpoint = Endpoint(f"{address.host}:{address.port or SSH_PORT} (SFTP)", (f"host key {address.host_key}",))
        # The plain rename of servers without the extension may be a link and a removal, or refuse to rename at all.
        self.renames_at_once = _POSIX_RENAME in self._client.extensions

    def stage(self, place: Place, content: bytes) -> int | None:
        """The look at the final name goes together with the opening of the upload."""
        there, opened = self._ask((CMD_STAT, place.final), (CMD_OPEN, place.part, _UPLOAD, SFTPAttributes()))
        if opened.is_missing and there.is_missing:
            self._make_folders(place.folder)
            [opened] = self._ask((CMD_OPEN, place.part, _UPLOAD, SFTPAttributes()))
        if there.code == SFTP_OK:
            self._throw_away(place, opened)
            return _size(there)
        if not there.is_missing:
            self._throw_away(place, opened)
            raise self._no(there, f"{place.final} cannot be looked at", place)
        if opened.code != SFTP_OK:
            raise self._no(opened, f"{place.part} cannot be opened", place)
        self._upload(place, opened.message.get_binary(), content)
        return None

    def reveal(self, place: Place) -> None:
        """Rename at once where the server can; the request is sent once, and only over a living connection."""
        if self._socket_is_closed():
            raise Lost("The connection was closed before the file got its name.")
        with _losing(asked=True):
            reply = self._rename(place)
        if reply.code != SFTP_OK:
            raise self._no(reply, f"{place.part} cannot be renamed to {place.final}", place)

    def size(self, path: str) -> int | None:
        [reply] = self._ask((CMD_STAT, path))
        if reply.is_missing:
            return None
        if reply.code != SFTP_OK:
            raise Declined(Refused("file_unreadable", f"{path} cannot be looked at: {reply}.", "Ask the partner for the right to read it."))
        return _size(reply)

    def read(self, path: str, size: int) -> bytes:
        """The requests for all parts go at once; a file that changed meanwhile has another content or is not readable."""
        [opened] = self._ask((CMD_OPEN, path, SFTP_FLAG_READ, SFTPAttributes()))
        if opened.code != SFTP_OK:
            raise Declined(Refused("file_unreadable", f"{path} cannot be read: {opened}.", "Ask the partner for the right to read it."))
        handle = opened.message.get_binary()
        offsets = range(0, size, _CHUNK_BYTES)
        parts = self._ask(*((CMD_READ, handle, int64(offset), min(_CHUNK_BYTES, size - offset)) for offset in offsets), (CMD_CLOSE, handle))
        return b"".join(part.message.get_binary() for part in parts[:-1] if part.code == SFTP_OK)

    def remove(self, path: str) -> None:
        [reply] = self._ask((CMD_REMOVE, path))
        if reply.code != SFTP_OK and not reply.is_missing:
            raise Declined(RetryLater(f"{path} cannot be removed: {reply}"))

    def remove_stale(self, folder: str) -> None:
        """By the age that the server gives."""
        oldest = time.time() - STALE_AFTER_S
        with _losing():
            try:
                files = self._client.listdir_attr(folder)
            except OSError as error:
                if error.errno is None and self._socket_is_closed():
                    raise
                return
        for file in files:
            if is_part(file.filename) and (file.st_mtime or oldest) < oldest:
                self.remove(f"{folder}/{file.filename}")

    def close(self) -> None:
        with suppress(OSError, EOFError, SSHException):
            self._client.close()
        self._end()

    def abort(self) -> None:
        reset(self._socket)
        self._end()

    def _end(self) -> None:
        channel = self._client.get_channel()
        transport = channel.get_transport() if channel is not None else None
        if transport is not None:
            transport.close()
        with suppress(OSError):
            self._socket.close()

    def _socket_is_closed(self) -> bool:
        channel = self._client.get_channel()
        return channel is None or channel.closed

    def _ask(self, *requests: tuple[Any, ...]) -> list[Reply]:
        with _losing():
            return self._client.ask(*requests)

    def _rename(self, place: Place) -> Reply:
        if self.renames_at_once:
            [reply] = self._client.ask((CMD_EXTENDED, _POSIX_RENAME, place.part, place.final))
            if reply.code != SFTP_OP_UNSUPPORTED:
                return reply
        [reply] = self._client.ask((CMD_RENAME, place.part, place.final))
        return reply

    def _upload(self, place: Place, handle: bytes, content: bytes) -> None:
        chunks = [
            (CMD_WRITE, handle, int64(offset), content[offset : offset + _CHUNK_BYTES]) for offset in range(0, len(content), _CHUNK_BYTES)
        ]
        *written, measured, closed = self._ask(*chunks, (CMD_FSTAT, handle), (CMD_CLOSE, handle))
        failed = next((reply for reply in (*written, measured, closed) if reply.code != SFTP_OK), None)
        if failed is not None:
            declined = self._no(failed, f"{place.part} cannot be written", place)
        elif (size := self._cut_to_length(place, _size(measured), len(content))) != len(content):
            declined = Declined(RetryLater(f"The server kept {size:,} of {len(content):,} bytes of {place.part}"))
        else:
            return
        with suppress(Declined):
            self.remove(place.part)
        raise declined

    def _cut_to_length(self, place: Place, size: int, wanted: int) -> int:
        """An earlier try that was cut may have left a longer file; a shorter one is a server that did not keep everything."""
        if size <= wanted:
            return size
        shorter = SFTPAttributes()
        shorter.st_size = wanted
        shorter._flags |= SFTPAttributes.FLAG_SIZE  # type: ignore[attr-defined]  # noqa: SLF001 - as paramiko's own truncate
        _, measured = self._ask((CMD_SETSTAT, place.part, shorter), (CMD_STAT, place.part))
        return _size(measured) if measured.code == SFTP_OK else size

    def _throw_away(self, place: Place, opened: Reply) -> None:
        if opened.code == SFTP_OK:
            self._ask((CMD_CLOSE, opened.message.get_binary()), (CMD_REMOVE, place.part))

    def _make_folders(self, folder: str) -> None:
        """Making one that is there fails, and that is fine: opening the file tells."""
        self._ask(*((CMD_MKDIR, path, SFTPAttributes()) for path in steps_to(folder)))

    def _no(self, reply: Reply, what: str, place: Place) -> Declined:
        """Permission is for a person; everything else may pass, and a full disk is the usual cause that the protocol has no word for."""
        if reply.code == SFTP_PERMISSION_DENIED:
            return Declined(
                Refused("permission_denied", f"{what}: {reply}.", f"Ask the partner for the right to write into {place.folder}.")
            )
        with _losing():
            free = self._client.free_bytes(place.folder)
        if free is not None and free < _CHUNK_BYTES:
            return Declined(RetryLater(f"{what}: the disk of the partner's server is full ({free:,} bytes are free)"))
        hint = "; its disk, or our share of it, may be full" if reply.code == SFTP_FAILURE else ""
        return Declined(RetryLater(f"{what}: {reply}{hint}"))


def _size(reply: Reply) -> int:
    attributes: Any = SFTPAttributes
    return int(attributes._from_msg(reply.message).st_size or 0)  # noqa: SLF001 - the only reader of this structure


@contextmanager
def _losing(*, asked: bool = False) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Lost("The server stopped answering.", asked=asked) from error
    except (OSError, EOFError, SSHException, SFTPError) as error:
        raise Lost(f"The SFTP connection broke: {described(error)}", asked=asked) from error
