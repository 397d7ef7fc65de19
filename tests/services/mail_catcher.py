"""A mail server that keeps what it is sent, and misbehaves where it is told to: `with MailCatcher() as catcher: catcher.url()`.

MailCatcher runs in a thread of the test, so that a test can script it and read it directly; tests that kill processes kill others.
MailCatcherProcess is the same server as a process of its own, with its mails in a file: it can be killed too, and does not share
Python's lock with what is measured.
"""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import sys
import tempfile
import threading
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from enum import Enum
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.certificates import Certificates, make_certificates
from tests.services.process import PrivateFolder, ServerProcess, free_port, wait_until

HANG_UP = "hang up"
"""A reply that is none: the connection ends."""
ACCEPT_AND_HANG_UP = "accept and hang up"
"""After the content only: the mail is kept, and the connection ends before the 250."""

_ROOT = Path(__file__).parents[2]
_HOST = "127.0.0.1"


class Tls(Enum):
    """How a connection is secured. OFFERED: STARTTLS may be used; REQUIRED: it must be; IMPLICIT: from the first byte."""

    NONE = "none"
    OFFERED = "offered"
    REQUIRED = "required"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One accepted mail: the envelope, and the content as it came."""

    envelope_from: str
    envelope_to: tuple[str, ...]
    content: bytes
    user: str | None = None

    @property
    def message(self) -> EmailMessage:
        """The parsed content."""
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def subject(self) -> str:
        """Decoded."""
        return str(self.message["Subject"])

    def attachments(self) -> dict[str, bytes]:
        """By file name."""
        return {str(part.get_filename()): part.get_payload(decode=True) for part in self.message.iter_attachments()}

    def to_json(self) -> str:
        """One line; the content is base64, since a mail need not be text."""
        return json.dumps({**asdict(self), "content": base64.b64encode(self.content).decode()})

    @classmethod
    def from_json(cls, line: str) -> Self:
        """The other way."""
        fields = json.loads(line)
        fields |= {"envelope_to": tuple(fields["envelope_to"]), "content": base64.b64decode(fields["content"])}
        return cls(**fields)


class MailCatcher:
    """The server in a thread. It may be stopped and started again, on the same port and with the mails kept."""

    def __init__(
        self,
        *,
        tls: Tls = Tls.NONE,
        credentials: tuple[str, str] | None = None,
        port: int | None = None,
        size_max: int = 33_554_432,
        keep: Callable[[CaughtMail], None] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.tls = tls
        self.credentials = credentials
        self.size_max = size_max
        self.connections = 0
        self._mails: list[CaughtMail] = []
        self._keep = keep or self._mails.append
        self._scripts: dict[str, deque[str]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="billhook-mail-") if tls is not Tls.NONE else None
        self.certificates: Certificates | None = make_certificates(Path(self._folder.name)) if self._folder else None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sessions: set[_Conversation] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def mails(self) -> list[CaughtMail]:
        """What was accepted so far, in that order."""
        return list(self._mails)

    def url(self, *, with_credentials: bool = True) -> str:
        """`smtp://` or `smtps://`, in the form BILLHOOK_SMTP_URL takes."""
        scheme = "smtps" if self.tls is Tls.IMPLICIT else "smtp"
        login = "{}:{}@".format(*(quote(word, safe="") for word in self.credentials)) if self.credentials and with_credentials else ""
        # A password goes over an unsecured connection only where the client is told so.
        option = "?starttls=never" if login and self.tls is Tls.NONE else ""
        return f"{scheme}://{login}{_HOST}:{self.port}{option}"

    def reply(self, verb: str, *replies: str) -> None:
        """Answers the next uses of a verb with these replies, such as "451 4.3.0 later", "" for the usual one, or HANG_UP.

        Verbs are SMTP's, in capitals, and CONNECT for the greeting and "." for the end of the content. After the replies all is well
        again. A mail whose content is answered with 4xx, 5xx or HANG_UP is not kept.
        """
        self._scripts.setdefault(verb, deque()).extend(replies)

    def wait_for(self, count: int, timeout_s: float = 30) -> list[CaughtMail]:
        """The mails, once there are at least so many."""
        wait_until(lambda: len(self.mails) >= count, f"{count} mails (so far {len(self.mails)})", timeout_s)
        return self.mails

    def clear(self) -> None:
        """Forgets mails and scripts."""
        self._mails.clear()
        self._scripts.clear()

    def start(self) -> None:
        """Listens. Returns when a connection would be accepted."""
        listening = threading.Event()
        failure: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(listening, failure), name="mail-catcher", daemon=True)
        self._thread.start()
        listening.wait()
        if failure:
            raise failure[0]

    def stop(self) -> None:
        """Closes the port and every connection."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def _run(self, listening: threading.Event, failure: list[BaseException]) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._stopping = asyncio.Event()
            implicit = self._context() if self.tls is Tls.IMPLICIT else None
            server = await self._loop.create_server(self._new_conversation, _HOST, self.port, ssl=implicit)
            listening.set()
            await self._stopping.wait()
            server.close()
            for session in list(self._sessions):
                session.abort()
            await server.wait_closed()
            await asyncio.sleep(0)  # lets the aborted connections run their clean-up

        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that called start()
            failure.append(error)
        finally:
            listening.set()

    def _context(self) -> ssl.SSLContext | None:
        return self.certificates.server_context() if self.certificates else None

    def _new_conversation(self) -> "_Conversation":
        self.connections += 1
        with warnings.catch_warnings():  # a log-in without TLS is what some tests are about
            warnings.filterwarnings("ignore", message="Requiring AUTH")
            return _Conversation(self, self._context() if self.tls in {Tls.OFFERED, Tls.REQUIRED} else None)

    def _next_reply(self, verb: str) -> str:
        script = self._scripts.get(verb)
        return script.popleft() if script else ""

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == self.credentials, handled=False, auth_data=given and given[0])


class _Handler:
    """Decides about the content."""

    def __init__(self, catcher: MailCatcher) -> None:
        self._catcher = catcher

    async def handle_DATA(self, server: "_Conversation", session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        reply = self._catcher._next_reply(".")
        if reply in {"", ACCEPT_AND_HANG_UP} or reply.startswith("2"):
            content = envelope.original_content or b""
            self._catcher._keep(CaughtMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, session.auth_data))
        if reply in {HANG_UP, ACCEPT_AND_HANG_UP}:
            await server.hang_up()
        return reply or "250 2.0.0 Ok: queued"


class _Conversation(SMTP):
    """One connection: aiosmtpd's server, with the scripted replies in front of each verb."""

    def __init__(self, catcher: MailCatcher, tls: ssl.SSLContext | None) -> None:
        self._catcher = catcher
        super().__init__(
            _Handler(catcher),
            hostname="mail.example",
            data_size_limit=catcher.size_max,
            enable_SMTPUTF8=True,
            tls_context=tls,
            require_starttls=catcher.tls is Tls.REQUIRED,
            auth_required=catcher.credentials is not None,
            # aiosmtpd only counts STARTTLS as secure; a connection that is TLS from its first byte must not be asked for it.
            auth_require_tls=tls is not None,
            authenticator=catcher._authenticate,
            loop=asyncio.get_running_loop(),
        )
        if catcher.credentials is None:
            self._auth_methods.clear()

    def abort(self) -> None:
        """Ends the connection without another byte."""
        if self.transport is not None:
            self.transport.abort()

    async def hang_up(self) -> None:
        """Ends the connection, and with it the task that runs this."""
        self.abort()
        await asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._catcher._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._catcher._sessions.discard(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        if not await self._scripted("CONNECT"):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    async def _scripted(self, verb: str) -> bool:
        """Whether the script has answered in the server's place."""
        reply = self._catcher._next_reply(verb)
        if reply in {HANG_UP, ACCEPT_AND_HANG_UP}:
            await self.hang_up()
        if reply:
            await self.push(reply)
        return bool(reply)

    # aiosmtpd finds the verbs it speaks by these names.

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("HELO"):
            await super().smtp_HELO(arg)

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("EHLO"):
            await super().smtp_EHLO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("NOOP"):
            await super().smtp_NOOP(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if not await self._scripted("QUIT"):
            await super().smtp_QUIT(arg)


class MailCatcherProcess:
    """The server as a process: every mail is on disk before it is accepted, so kill() loses none that was."""

    def __init__(self, *, port: int | None = None, replies: tuple[tuple[str, str], ...] = ()) -> None:
        self.port = port or free_port()
        self._folder = PrivateFolder("mail", user=None)
        self._file = self._folder.path / "mails.jsonl"
        words = [word for verb, reply in replies for word in ("--reply", f"{verb}={reply}")]
        command = [sys.executable, "-m", "tests.services.mail_catcher", "--port", str(self.port), "--file", str(self._file), *words]
        self._process = ServerProcess(self._folder, "mail", command, {**os.environ, "PYTHONPATH": str(_ROOT)})

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._folder.remove()

    @property
    def mails(self) -> list[CaughtMail]:
        """What was accepted so far. A last line without its end belongs to a mail that was not accepted."""
        text = self._file.read_text() if self._file.exists() else ""
        return [CaughtMail.from_json(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def url(self) -> str:
        """In the form BILLHOOK_SMTP_URL takes."""
        return f"smtp://{_HOST}:{self.port}"

    def wait_for(self, count: int, timeout_s: float = 30) -> list[CaughtMail]:
        """The mails, once there are at least so many."""
        wait_until(lambda: len(self.mails) >= count, f"{count} mails", timeout_s)
        return self.mails

    def start(self) -> None:
        """Returns when the server listens."""
        ready = self._folder.path / "ready"
        ready.unlink(missing_ok=True)
        self._process.start()
        self._process.answers(ready.exists)

    def stop(self) -> None:
        """A clean end."""
        self._process.stop()

    def kill(self) -> None:
        """Kill -9."""
        self._process.kill()


def main() -> None:
    """Runs until it is ended."""
    parser = argparse.ArgumentParser(description="A mail server that appends what it is sent to a file, one JSON document a line.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--reply", action="append", default=[], metavar="VERB=REPLY", help="the answer to the next use of a verb")
    options = parser.parse_args()

    with options.file.open("a") as file:

        def keep(mail: CaughtMail) -> None:
            file.write(mail.to_json() + "\n")
            file.flush()
            os.fsync(file.fileno())

        with MailCatcher(port=options.port, keep=keep) as catcher:
            for verb, _, reply in (word.partition("=") for word in options.reply):
                catcher.reply(verb, reply)
            (options.file.parent / "ready").touch()
            threading.Event().wait()


if __name__ == "__main__":
    main()
