"""An SFTP client that sends several requests at once and keeps the server's own status codes.

Built on the packet layer of paramiko 5.1 (hence the pin): its public methods wait for the answer to each request, and turn every status
into an error without its code. A small file takes three round trips here and five there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import paramiko
from paramiko.message import Message
from paramiko.sftp import CMD_EXTENDED, CMD_INIT, CMD_STATUS, CMD_VERSION, SFTP_NO_SUCH_FILE, SFTP_OK, SFTPError

from adapters.file_drop.wire import Meanwhile, nothing

_PROTOCOL = 3
_BURST_BYTES = 32_768
_STATUS_NAMES = {2: "no such file", 3: "permission denied", 4: "failure", 5: "bad message", 8: "operation unsupported"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. ``code`` is SFTP's status; 0 also where the answer is not a status, and is in ``message`` then."""

    kind: int
    code: int
    text: str
    message: Message

    @property
    def is_missing(self) -> bool:
        """Whether a file or folder on the path is not there."""
        return self.code == SFTP_NO_SUCH_FILE

    def __str__(self) -> str:
        name = _STATUS_NAMES.get(self.code, f"status {self.code}")
        return self.text if not self.text or self.text.lower() == name else f"{name}: {self.text}"


class _Answers:
    """Collects answers; paramiko hands each to the object that its request was sent for."""

    def __init__(self) -> None:
        self.by_number: dict[int, Reply] = {}

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        status = kind == CMD_STATUS
        code = message.get_int() if status else SFTP_OK
        self.by_number[number] = Reply(kind, code, message.get_text() if status else "", message)


class PipelinedSftpClient(paramiko.SFTPClient):
    """Paramiko's client with ``ask``."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self.extensions: frozenset[str] = frozenset()
        self._waiting = bytearray()
        self._received = bytearray()
        super().__init__(channel)

    def ask(self, *requests: tuple[Any, ...], meanwhile: Meanwhile = nothing) -> list[Reply]:
        """Send the requests at once and wait for all answers, in the order of the requests. ``meanwhile`` is done before waiting.

        A request is a command and its words: str, bytes, int, int64 or SFTPAttributes. A server has to answer as if it had carried out
        the requests on one file in order (draft-ietf-secsh-filexfer-02, 6.1).
        """
        return list(self.ask_each(*requests, meanwhile=meanwhile))

    def ask_each(self, *requests: tuple[Any, ...], meanwhile: Meanwhile = nothing) -> Iterator[Reply]:
        """As ``ask``, and each answer as it comes: where the connection breaks, those before are known."""
        raw: Any = self
        answers = _Answers()
        numbers = [raw._async_request(answers, *request) for request in requests]  # noqa: SLF001 - see the top
        self._flush()
        meanwhile()
        for number in numbers:
            while number not in answers.by_number:
                raw._read_response()  # noqa: SLF001 - as above
            yield answers.by_number.pop(number)

    def free_bytes(self, folder: str) -> int | None:
        """The room that is left for us, where the server tells (``statvfs@openssh.com``)."""
        if "statvfs@openssh.com" not in self.extensions:
            return None
        [reply] = self.ask((CMD_EXTENDED, "statvfs@openssh.com", folder))
        if reply.code != SFTP_OK or reply.kind == CMD_STATUS:
            return None
        block_size, fragment_size, _blocks, _free, available = struct.unpack(">5Q", reply.message.get_remainder()[:40])
        return int((fragment_size or block_size) * available)

    def _send_packet(self, kind: int, packet: Message) -> None:
        """Kept until there is enough for a packet of SSH: encrypting and sending each request by itself costs most of the time."""
        body = packet.asbytes()
        self._waiting += struct.pack(">IB", len(body) + 1, kind) + body
        if len(self._waiting) >= _BURST_BYTES:
            self._flush()

    def _read_all(self, count: int) -> bytes:
        """From a buffer, filled with whatever has come: several answers come together. Whoever waits for an answer must have asked."""
        self._flush()
        while len(self._received) < count:
            block = self.sock.recv(_BURST_BYTES)
            if not block:
                raise EOFError
            self._received += block
        wanted = bytes(self._received[:count])
        del self._received[:count]
        return wanted

    def _flush(self) -> None:
        if self._waiting:
            burst, self._waiting = bytes(self._waiting), bytearray()
            raw: Any = self
            raw._write_all(burst)  # noqa: SLF001 - as above

    def _send_version(self) -> int:
        """As paramiko's own, which forgets the extensions that the server offers."""
        raw: Any = self
        hello = Message()
        hello.add_int(_PROTOCOL)
        raw._send_packet(CMD_INIT, hello)  # noqa: SLF001 - as above
        kind, data = raw._read_packet()  # noqa: SLF001 - as above
        if kind != CMD_VERSION:
            raise SFTPError("The server does not speak SFTP.")
        answer = Message(data)
        version = answer.get_int()
        names = []
        while answer.get_so_far() != data:
            names.append(answer.get_text())
            answer.get_binary()
        self.extensions = frozenset(names)
        return version
