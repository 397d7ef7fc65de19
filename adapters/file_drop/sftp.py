"""Files over SFTP."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
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
from adapters.file_drop.wire import STALE_AFTER_S, Declined, Endpoint, Lost, Meanwhile, Revealed, Staged, Upload, described, nothing
from application.ports.file_drop import DropAddress
from domain.delivery.outcome import Refused, RetryLater

_POSIX_RENAME = "posix-rename@openssh.com"
_CHUNK_BYTES = 32_768
"""Every server takes packets of this size (draft-ietf-secsh-filexfer-02, 3)."""
_BURST_BYTES = 256 * 1024
"""So much is uploaded at once: the files of a burst share three round trips, and no answer is awaited for long."""

# Not truncated at the opening: a worker that lost its lane and wakes up late then writes the same bytes over those of its successor,
# which may be getting their final name at that moment.
_UPLOAD = SFTP_FLAG_WRITE | SFTP_FLAG_CREATE


class SftpWire:
    """One SFTP connection."""

    burst_files = 25

    def __init__(self, address: DropAddress, resolve: Resolve, timeouts: Timeouts) -> None:
        self._client, self._socket = open_sftp(address, resolve, timeouts)
        self.endpoint = Endpoint(f"{address.host}:{address.port or SSH_PORT} (SFTP)", (f"host key {address.host_key}",))
        # The plain rename of servers without the extension may be a link and a removal, or refuse to rename at all.
        self.renames_at_once = _POSIX_RENAME in self._client.extensions

    def stage(self, uploads: Sequence[Upload], meanwhile: Meanwhile = nothing) -> Sequence[Staged]:
        """A burst: the looks at the final names together with the openings, then all that is written.

        Servers limit how many files are open; a burst ends before the first that cannot be opened, which then heads the next one.
        """
        burst = _burst(uploads)
        looks = self._open(burst, meanwhile)
        staged: list[Staged] = []
        opened_all: list[tuple[int, bytes]] = []
        for index, (there, opened) in enumerate(looks):
            if index and opened.code != SFTP_OK and there.is_missing:
                self._close(looks[index + 1 :])
                break
            staged.append(self._judge(burst[index].place, there, opened))
            if staged[-1] is None:
                opened_all.append((index, opened.message.get_binary()))
        written = self._write([(burst[index], handle) for index, handle in opened_all], meanwhile)
        for (index, _), declined in zip(opened_all, written, strict=True):
            staged[index] = declined
        return staged

    def reveal(self, places: Sequence[Place]) -> Iterator[Revealed]:
        """All at once, by one step each where the server can. They are asked for once, and only over a living connection.

        Where it breaks, nobody knows about those without an answer: more of them than if each were asked for by itself, and
        as much more rarely.
        """
        if self._socket_is_closed():
            yield from (Lost("The connection was closed before the file got its name.") for _ in places)
            return
        answers = self._rename(places)
        left = iter(places)
        for place in left:
            try:
                with _losing(asked=True):
                    reply = self._by_the_plain_rename(place, next(answers))
                yield None if reply.code == SFTP_OK else self._no(reply, f"{place.part} cannot be renamed to {place.final}", place)
            except Lost as lost:
                yield Lost(lost.reason, asked=True)
                yield from (Lost(lost.reason, asked=True) for _ in left)

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

    def _ask(self, *requests: tuple[Any, ...], meanwhile: Meanwhile = nothing) -> list[Reply]:
        with _losing():
            return self._client.ask(*requests, meanwhile=meanwhile)

    def _open(self, burst: Sequence[Upload], meanwhile: Meanwhile) -> list[tuple[Reply, Reply]]:
        """What is at each final name, and the open upload."""
        requests = chain.from_iterable(((CMD_STAT, each.place.final), _opening(each.place)) for each in burst)
        replies = iter(self._ask(*requests, meanwhile=meanwhile))
        looks = list(zip(replies, replies, strict=True))
        homeless = [index for index, (there, opened) in enumerate(looks) if there.is_missing and opened.is_missing]
        if homeless:
            for folder in sorted({burst[index].place.folder for index in homeless}):
                self._make_folders(folder)
            for index, opened in zip(homeless, self._ask(*(_opening(burst[index].place) for index in homeless)), strict=True):
                looks[index] = (looks[index][0], opened)
        return looks

    def _judge(self, place: Place, there: Reply, opened: Reply) -> Staged:
        """None where it can be written."""
        if there.code == SFTP_OK:
            self._throw_away(place, opened)
            return _size(there)
        if not there.is_missing:
            self._throw_away(place, opened)
            return self._no(there, f"{place.final} cannot be looked at", place)
        return None if opened.code == SFTP_OK else self._no(opened, f"{place.part} cannot be opened", place)

    def _write(self, files: Sequence[tuple[Upload, bytes]], meanwhile: Meanwhile) -> list[Declined | None]:
        """With their handles."""
        requests = [_writing(handle, upload.content) for upload, handle in files]
        replies = iter(self._ask(*chain.from_iterable(requests), meanwhile=meanwhile))
        return [self._written(upload, list(islice(replies, len(each)))) for (upload, _), each in zip(files, requests, strict=True)]

    def _written(self, upload: Upload, replies: Sequence[Reply]) -> Declined | None:
        place, wanted = upload.place, len(upload.content)
        measured = replies[-2]
        failed = next((reply for reply in replies if reply.code != SFTP_OK), None)
        if failed is not None:
            declined = self._no(failed, f"{place.part} cannot be written", place)
        elif (size := self._cut_to_length(place, _size(measured), wanted)) != wanted:
            declined = Declined(RetryLater(f"The server kept {size:,} of {wanted:,} bytes of {place.part}"))
        else:
            return None
        with suppress(Declined):
            self.remove(place.part)
        return declined

    def _rename(self, places: Sequence[Place]) -> Iterator[Reply]:
        """The answers in order; raises as ``ask`` does at the first that does not come."""
        if not self.renames_at_once:
            return self._client.ask_each(*((CMD_RENAME, place.part, place.final) for place in places))
        return self._client.ask_each(*((CMD_EXTENDED, _POSIX_RENAME, place.part, place.final) for place in places))

    def _by_the_plain_rename(self, place: Place, reply: Reply) -> Reply:
        """Where a server offers the other and does not know it after all."""
        if not self.renames_at_once or reply.code != SFTP_OP_UNSUPPORTED:
            return reply
        [reply] = self._client.ask((CMD_RENAME, place.part, place.final))
        return reply

    def _cut_to_length(self, place: Place, size: int, wanted: int) -> int:
        """An earlier try that was cut may have left a longer file; a shorter one is a server that did not keep everything."""
        if size <= wanted:
            return size
        shorter = SFTPAttributes()
        shorter.st_size = wanted
        shorter._flags |= SFTPAttributes.FLAG_SIZE  # type: ignore[attr-defined]  # noqa: SLF001 - as paramiko's own truncate
        _, measured = self._ask((CMD_SETSTAT, place.part, shorter), (CMD_STAT, place.part))
        return _size(measured) if measured.code == SFTP_OK else size

    def _close(self, looks: Sequence[tuple[Reply, Reply]]) -> None:
        """What was opened in vain. It stays under its temporary name, to be opened again."""
        self._ask(*((CMD_CLOSE, opened.message.get_binary()) for _, opened in looks if opened.code == SFTP_OK))

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
                Refused(
                    "permission_denied",
                    f"{what}: {str(reply).rstrip('.')}.",
                    f"Ask the partner for the right to write into {place.folder}, then `billhook deliveries retry {{delivery}}`.",
                )
            )
        with _losing():
            free = self._client.free_bytes(place.folder)
        if free is not None and free < _CHUNK_BYTES:
            return Declined(RetryLater(f"{what}: the disk of the partner's server is full ({free:,} bytes are free)"))
        hint = "; its disk, or our share of it, may be full" if reply.code == SFTP_FAILURE else ""
        return Declined(RetryLater(f"{what}: {reply}{hint}"))


def _burst(uploads: Sequence[Upload]) -> Sequence[Upload]:
    """As many as go at once; one at least."""
    count, size = 0, 0
    for upload in uploads:
        size += len(upload.content)
        if count and size > _BURST_BYTES:
            break
        count += 1
    return uploads[:count]


def _opening(place: Place) -> tuple[Any, ...]:
    return CMD_OPEN, place.part, _UPLOAD, SFTPAttributes()


def _writing(handle: bytes, content: bytes) -> list[tuple[Any, ...]]:
    offsets = range(0, len(content), _CHUNK_BYTES)
    chunks = [(CMD_WRITE, handle, int64(offset), content[offset : offset + _CHUNK_BYTES]) for offset in offsets]
    return [*chunks, (CMD_FSTAT, handle), (CMD_CLOSE, handle)]


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
