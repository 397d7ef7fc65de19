"""A mail server on a socket that answers as a script says: per verb a reply, or the end of the connection."""

import socket
import threading
from collections.abc import Mapping
from typing import Self

HANG_UP = "hang up"
Script = Mapping[str, list[str]]

_USUAL = {"DATA": "354 go on", "QUIT": "221 bye"}


class ScriptedMailServer:
    """Speaks SMTP on a free port of the loopback.

    The script gives for a verb (``MAIL``, ``RCPT``, ``RCPT <bad@x.example>``, ``DATA``, ``.`` for the end of the content,
    ``CONNECT`` for the greeting) the replies of its next uses; after these, and for other verbs, all is well.
    """

    def __init__(self, script: Script | None = None) -> None:
        self.verbs: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._script = {verb: list(replies) for verb, replies in (script or {}).items()}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                self._converse(connection, lines)

    def _converse(self, connection, lines) -> None:  # type: ignore[no-untyped-def]
        if not self._reply(connection, "CONNECT", "220 scripted"):
            return
        while line := lines.readline():
            verb = line.strip().decode().upper()
            self.verbs.append(verb.split(" ")[0])
            if not self._reply(connection, verb, "250 fine"):
                return
            if verb == "DATA" and self._accepts_content:
                self.mails.append(_content(lines))
                if not self._reply(connection, ".", "250 2.0.0 Ok: queued as 4F2A"):
                    return
            if verb == "QUIT":
                return

    def _reply(self, connection: socket.socket, verb: str, usual: str) -> bool:
        word = verb.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0]
        planned = next((self._script[key] for key in self._script if self._script[key] and _fits(key, verb, word)), None)
        reply = planned.pop(0) if planned else _USUAL.get(word, usual)
        self._accepts_content = reply.startswith("354")
        if reply == HANG_UP:
            return False
        connection.sendall(f"{reply}\r\n".encode())
        return not reply.startswith("421")


def _fits(key: str, verb: str, word: str) -> bool:
    return key == word or (" " in key and key.split(" ", maxsplit=1)[0] == word and key.split(" ")[1].upper() in verb)


def _content(lines) -> bytes:  # type: ignore[no-untyped-def]
    content = b""
    while (line := lines.readline()) not in {b".\r\n", b""}:
        content += line[1:] if line.startswith(b".") else line
    return content
