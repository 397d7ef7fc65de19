"""Putting whole files into a folder of a partner, each once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from application.ports.destination import CheckResult
from domain.delivery.outcome import LookUp, Outcome

FsType = Literal["sftp", "ftp", "local"]


@dataclass(frozen=True, slots=True)
class DropAddress:
    """Where files go and how to get in.

    ``host_key`` is a fingerprint (``SHA256:…``) or a line of a public key; SFTP needs it. ``port`` None is the protocol's own.
    FTP is secured with TLS unless ``allow_plain_ftp``. ``root`` is the folder below which everything stays.
    """

    fs_type: FsType
    root: str
    host: str = ""
    port: int | None = None
    username: str = ""
    host_key: str = ""
    allow_plain_ftp: bool = False
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FileToPut:
    """A file and where it goes; see FileDrop."""

    folder: str
    name: str
    content: bytes


class FileDrop(Protocol):
    """An open connection to one folder tree. ``folder`` is relative to the root, its parts divided by ``/``; "" is the root itself."""

    def put(self, folder: str, name: str, content: bytes, handing_over: Callable[[], None]) -> Outcome:
        """Put a file there under its final name, whole or not at all; missing folders are made.

        ``name`` is deterministic, so a second put of the same document meets its first. An equal file there is Delivered, another
        one under that name is Refused (``file_differs``), a bad name is Refused (``name_refused``). ``handing_over`` is called right
        before the file can become visible; what it raises goes on to the caller, and nothing is visible then. Delivered.remote_id
        is the final path; the answer to the rename is enough for it, since a partner may take the file at once.
        """
        ...

    def put_many(
        self, files: Iterable[FileToPut], handing_over: Callable[[Sequence[FileToPut]], None]
    ) -> Iterator[tuple[FileToPut, Outcome]]:
        """Put each there as ``put`` does. All that is uploaded at a time is handed over at once, right before it becomes visible.

        The next file is asked for when it can be uploaded. Files without an outcome when the iterator ends were not handed over.
        """
        ...

    def look_up(self, folder: str, name: str, content: bytes) -> LookUp:
        """Whether a file that was handed over without an answer arrived.

        NotThere is said only where the upload still waits under its temporary name; a file that is gone may have been taken.
        """
        ...

    def check(self) -> Sequence[CheckResult]:
        """Whether files can be put there: the folder, and a trial file under a temporary name. Sends no document."""
        ...


class FileDrops(Protocol):
    """Opens file drops."""

    def open(self, address: DropAddress) -> AbstractContextManager[FileDrop]:
        """Connect, check who answers, log in; hang up at the end.

        Raises TemporaryFailure where the other side cannot be reached, and DomainError where a person has to act:
        ``host_key_changed``, ``host_key_missing``, ``login_refused``, ``plain_ftp_refused``, ``certificate_refused``.
        """
        ...
