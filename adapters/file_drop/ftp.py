"""Files over FTP, secured with TLS unless the operator accepted otherwise."""

import ftplib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

from adapters.file_drop.ftp_client import FTP_PORT, SecureFtp, abort_ftp, end_upload, open_ftp
from adapters.file_drop.place import Place, is_part, steps_to
from adapters.file_drop.sockets import Resolve, Timeouts
from adapters.file_drop.wire import (
    STALE_AFTER_S,
    Declined,
    Endpoint,
    Lost,
    Meanwhile,
    Revealed,
    Staged,
    Upload,
    described,
    nothing,
    reveal_in_turn,
)
from application.ports.file_drop import DropAddress
from domain.delivery.outcome import Refused, RetryLater

_CLOSING, _NO_ROOM = "421", frozenset({"452", "552"})
_LOCAL_ERROR = "451"
_NOT_THERE = "550"


class FtpWire:
    """One FTP connection. A rename is one system call at every server we know."""

    renames_at_once = True
    burst_files = 1

    def __init__(self, address: DropAddress, resolve: Resolve, timeouts: Timeouts, tls: ssl.SSLContext) -> None:
        self._ftp = open_ftp(address, resolve, timeouts, tls)
        self._where = f"{address.host}:{address.port or FTP_PORT}"
        secured = isinstance(self._ftp, SecureFtp)
        self.endpoint = Endpoint(f"{self._where} (FTP)", ("secured with TLS" if secured else "NOT secured: allow_plain_ftp is set",))
        self._lists_age: bool | None = None

    def stage(self, uploads: Sequence[Upload], meanwhile: Meanwhile = nothing) -> Sequence[Staged]:
        """One: the answers to commands that are sent together come out right at few servers."""
        try:
            return [self._stage(uploads[0].place, uploads[0].content, meanwhile)]
        except Declined as no:
            return [no]

    def reveal(self, places: Sequence[Place]) -> Iterator[Revealed]:
        return reveal_in_turn(places, self._reveal)

    def _stage(self, place: Place, content: bytes, meanwhile: Meanwhile) -> int | None:
        size = self.size(place.final)
        if size is not None:
            return size
        try:
            self._store(place.part, content, meanwhile)
        except Declined as no:
            if not isinstance(no.outcome, Refused):
                self._throw_away(place)
                raise
            self._make_folders(place.folder)
            self._store(place.part, content, meanwhile)
        kept = self.size(place.part)
        if kept != len(content):
            self._throw_away(place)
            raise Declined(RetryLater(f"The server kept {kept or 0:,} of {len(content):,} bytes of {place.part}"))
        return None

    def _throw_away(self, place: Place) -> None:
        """What was begun takes room that the next try may need."""
        with suppress(Declined):
            self.remove(place.part)

    def _reveal(self, place: Place) -> None:
        """RNFR has no effect, so only a lost answer to RNTO leaves a doubt."""
        if self._ftp.sock is None:
            raise Lost("The connection was closed before the file got its name.")
        with self._answers(f"{place.part} cannot be renamed"):
            self._ftp.sendcmd(f"RNFR {place.part}")
        with self._answers(f"{place.part} cannot be renamed to {place.final}", asked=True):
            self._ftp.voidcmd(f"RNTO {place.final}")

    def size(self, path: str) -> int | None:
        """SIZE, in binary mode, which was set when the connection was made."""
        try:
            with self._answers(f"The size of {path} cannot be asked"):
                return int(self._ftp.sendcmd(f"SIZE {path}")[3:].strip())
        except Declined as no:
            if _is_missing(no):
                return None
            raise

    def read(self, path: str, size: int) -> bytes:
        received = bytearray()
        with self._answers(f"{path} cannot be read"):
            with closing(self._ftp.transfercmd(f"RETR {path}")) as data:
                while len(received) <= size and (block := data.recv(65_536)):
                    received += block
            self._ftp.voidresp()
        return bytes(received)

    def remove(self, path: str) -> None:
        try:
            with self._answers(f"{path} cannot be removed"):
                self._ftp.voidcmd(f"DELE {path}")
        except Declined as no:
            if not _is_missing(no):
                raise

    def remove_stale(self, folder: str) -> None:
        """Only with MLSD does a server tell the age; without it each upload still overwrites its own remains."""
        if not self._can_list_age():
            return
        oldest = datetime.fromtimestamp(time.time() - STALE_AFTER_S, UTC).strftime("%Y%m%d%H%M%S")
        with self._answers(f"{folder} cannot be listed"):
            files = list(self._ftp.mlsd(folder, ["modify"]))
            self._ftp.voidcmd("TYPE I")  # ftplib lists in text mode and leaves it on
        for name, facts in files:
            if is_part(name) and facts.get("modify", oldest) < oldest:
                self.remove(f"{folder}/{name}")

    def close(self) -> None:
        with suppress(OSError, EOFError, ftplib.Error):
            self._ftp.quit()
        self._ftp.close()

    def abort(self) -> None:
        abort_ftp(self._ftp)

    def _store(self, path: str, content: bytes, meanwhile: Meanwhile) -> None:
        with self._answers(f"{path} cannot be written"), closing(self._begin(f"STOR {path}", meanwhile)) as data:
            try:
                data.sendall(content)
                end_upload(data)
            except OSError:
                # A server that has no room hangs up the data connection and says why on the other.
                data.close()
                self._ftp.voidresp()
                raise
            meanwhile()
            self._ftp.voidresp()

    def _begin(self, command: str, meanwhile: Meanwhile) -> socket.socket:
        """The data connection. What is to be done meanwhile is done while TLS is negotiated, else the caller has to."""
        if not isinstance(self._ftp, SecureFtp):
            return self._ftp.transfercmd(command)
        with self._ftp.doing(meanwhile):
            return self._ftp.transfercmd(command)

    def _make_folders(self, folder: str) -> None:
        """Making one that is there fails, and that is fine. Of those that are not there and cannot be made the topmost is told."""
        refused = {path: no for path in steps_to(folder) if (no := self._make_folder(path)) is not None}
        if folder in refused and not self._is_folder(folder):
            raise next(no for path, no in refused.items() if path == folder or not self._is_folder(path))

    def _make_folder(self, path: str) -> Declined | None:
        try:
            with self._answers(f"The folder {path} cannot be made"):
                self._ftp.voidcmd(f"MKD {path}")
        except Declined as no:
            return no
        return None

    def _is_folder(self, path: str) -> bool:
        """Every server knows this way of asking. The working folder is the same afterwards: a root may be relative to it."""
        try:
            with self._answers(f"{path} cannot be looked at"):
                home = self._ftp.pwd()
                self._ftp.voidcmd(f"CWD {path}")
                self._ftp.voidcmd(f"CWD {home}")
        except Declined:
            return False
        return True

    def _can_list_age(self) -> bool:
        if self._lists_age is None:
            try:
                with self._answers("The features cannot be asked"):
                    self._lists_age = "MLST" in self._ftp.sendcmd("FEAT").upper()
            except Declined:
                self._lists_age = False
        return self._lists_age

    @contextmanager
    def _answers(self, what: str, *, asked: bool = False) -> Iterator[None]:
        """A server's no as Declined, a broken connection as Lost."""
        try:
            yield
        except (ftplib.error_temp, ftplib.error_perm) as error:
            raise self._no(str(error), what) from error
        except TimeoutError as error:
            raise Lost(f"{self._where} stopped answering.", asked=asked) from error
        except (OSError, EOFError, ValueError, ftplib.Error) as error:
            raise Lost(f"The FTP connection to {self._where} broke: {described(error)}", asked=asked) from error

    def _no(self, answer: str, what: str) -> Lost | Declined:
        code = answer[:3]
        if code == _CLOSING:
            return Lost(f"{self._where} closed the connection: {answer}")
        if code in _NO_ROOM:
            return Declined(RetryLater(f"{what}: the disk of the partner's server is full ({answer})"))
        if code.startswith("4"):
            hint = "; its disk, or our share of it, may be full" if code == _LOCAL_ERROR else ""
            return Declined(RetryLater(f"{what}: {answer}{hint}"))
        step = "Ask the partner for the right to write, read and rename in that folder, then `billhook deliveries retry {delivery}`."
        refused = Refused("ftp_refused", f"{what}: {answer.rstrip('.')}.", step)
        return Declined(refused, code)


def _is_missing(no: Declined) -> bool:
    """FTP has no code of its own for a missing file; 550 is what servers say."""
    return no.answer == _NOT_THERE
