"""Files in a folder of this machine, such as a mounted share.

Every step goes through the descriptor of an open folder, and folders are opened one by one without following links: nothing that a
partner puts there leads out of the root.
"""

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.file_drop.place import Place, is_part, part_name
from adapters.file_drop.wire import STALE_AFTER_S, Declined, Endpoint, Meanwhile, Revealed, Staged, Upload, nothing, reveal_in_turn
from domain.delivery.outcome import Refused, RetryLater

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not truncated at the opening: see the upload over SFTP.
_UPLOAD = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_DOWNLOAD = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK = frozenset({errno.ELOOP, errno.ENOTDIR})
_GIVE_RIGHT = "Give Billhook's user the right to write into that folder, then `billhook deliveries retry {delivery}`."
_FOR_A_PERSON = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.EISDIR})


class LocalWire:
    """A folder as if it were a connection."""

    renames_at_once = True
    burst_files = 1

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self.endpoint = Endpoint(f"{root} (this machine)")

    def stage(self, uploads: Sequence[Upload], meanwhile: Meanwhile = nothing) -> Sequence[Staged]:  # noqa: ARG002 - no answer is awaited
        try:
            return [self._stage(uploads[0].place, uploads[0].content)]
        except Declined as no:
            return [no]

    def reveal(self, places: Sequence[Place]) -> Iterator[Revealed]:
        return reveal_in_turn(places, self._reveal)

    def _stage(self, place: Place, content: bytes) -> int | None:
        size = self.size(place.final)
        if size is not None:
            return size
        with _saying(f"{place.part} cannot be written"), self._folder(place.folder, make=True) as folder:
            part = part_name(place.name)
            try:
                _write(os.open(part, _UPLOAD, 0o644, dir_fd=folder), content)
            except OSError:
                with suppress(OSError):
                    os.unlink(part, dir_fd=folder)
                raise
        return None

    def _reveal(self, place: Place) -> None:
        """The folder is synchronised, so that the new name outlives a crash of the machine."""
        with _saying(f"{place.part} cannot be renamed to {place.final}"), self._folder(place.folder) as folder:
            os.rename(part_name(place.name), place.name, src_dir_fd=folder, dst_dir_fd=folder)
            with suppress(OSError):  # network file systems may not know it, and the file is there
                os.fsync(folder)

    def size(self, path: str) -> int | None:
        folder_path, name = os.path.split(path)
        with _saying(f"{path} cannot be looked at"):
            try:
                with self._folder(folder_path) as folder:
                    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                return None
        return found.st_size if stat.S_ISREG(found.st_mode) else -1  # no file, so never an equal one

    def read(self, path: str, size: int) -> bytes:
        folder_path, name = os.path.split(path)
        with (
            _saying(f"{path} cannot be read"),
            self._folder(folder_path) as folder,
            os.fdopen(os.open(name, _DOWNLOAD, dir_fd=folder), "rb") as file,
        ):
            return file.read(size + 1)

    def remove(self, path: str) -> None:
        folder_path, name = os.path.split(path)
        with _saying(f"{path} cannot be removed"), suppress(FileNotFoundError), self._folder(folder_path) as folder:
            os.unlink(name, dir_fd=folder)

    def remove_stale(self, folder: str) -> None:
        oldest = time.time() - STALE_AFTER_S
        with _saying(f"{folder} cannot be listed"), self._folder(folder) as opened, os.scandir(opened) as entries:
            for entry in entries:
                if is_part(entry.name) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                    with suppress(FileNotFoundError):
                        os.unlink(entry.name, dir_fd=opened)

    def close(self) -> None:
        """Nothing is kept open."""

    def abort(self) -> None:
        """Nothing is on its way."""

    @contextmanager
    def _folder(self, path: str, *, make: bool = False) -> Iterator[int]:
        """The folder's descriptor, reached from the root step by step. The root itself may be a link: the operator named it."""
        if make:
            self._root.mkdir(parents=True, exist_ok=True)
        opened = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for part in Path(path).relative_to(self._root).parts:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=opened)
                below = os.open(part, _FOLDER, dir_fd=opened)
                os.close(opened)
                opened = below
            yield opened
        finally:
            os.close(opened)


def _write(descriptor: int, content: bytes) -> None:
    """Write, synchronise, compare the size."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
        if os.fstat(file.fileno()).st_size != len(content):
            raise OSError(errno.EIO, "the file has another size than what was written")


@contextmanager
def _saying(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _no(error, what) from error


def _no(error: OSError, what: str) -> Declined:
    text = f"{what}: {error.strerror or error}"
    if error.errno in _LINK:
        return Declined(Refused("outside_root", f"{text}. A part of the path is a link or no folder.", "Replace it by a real folder."))
    if error.errno in _FOR_A_PERSON:
        return Declined(Refused("permission_denied", f"{text}.", _GIVE_RIGHT))
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Declined(RetryLater(f"{what}: the disk is full"))
    return Declined(RetryLater(text))
