"""Mails written to files, for a start without a mail server. The file is the proof, so it can also be looked up."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from adapters.mail.addresses import parse_addresses
from adapters.mail.message import compose
from application.ports.clock import Clock
from application.ports.mailer import Mail
from domain.delivery.outcome import Delivered, LookUp, NotThere, Outcome, Refused, RetryLater
from domain.errors import DomainError, TemporaryFailure

_DATE_LINE = re.compile(rb"^Date: [^\r\n]*", re.MULTILINE)
_NAME_MAX = 150


class EmlFileMailer:
    """Writes each mail as one ``.eml`` file into ``<data_dir>/mail``, which mail programs open by a double click.

    The header X-Billhook-Envelope-To names all recipients, also those of the BCC.
    """

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._folder = data_dir / "mail"
        self._clock = clock

    @contextmanager
    def open(self) -> Iterator["EmlFileSession"]:
        """Make the folder."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TemporaryFailure(f"The folder for mails cannot be made: {error}") from error
        yield EmlFileSession(self._folder, self._clock)


class EmlFileSession:
    """Writes mails; a file of the same name and content counts as delivered."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def send(self, mail: Mail, handing_over: Callable[[], None]) -> Outcome:
        """Write the file under a name of its own, then give it its true name in one step: nobody sees half a mail."""
        try:
            recipients = parse_addresses(",".join((*mail.to, *mail.bcc)))
            content = compose(mail, self._clock.now(), recipients)
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, refusal.next_step)
        if not recipients:
            return Refused("no_recipient", "The mail has no recipient.", "Set email_to or email_bcc.")
        path = self._path(mail.message_id)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            _write_durably(temporary, content)
            handing_over()
            return _publish(temporary, path, content)
        except OSError as error:
            return RetryLater(f"The mail cannot be written: {error}")
        finally:
            temporary.unlink(missing_ok=True)

    def look_up(self, message_id: str) -> LookUp:
        """Whether the file is there."""
        path = self._path(message_id)
        return Delivered(remote_id=str(path)) if path.exists() else NotThere()

    def check(self) -> Sequence[str]:
        """Whether the folder can be written to."""
        if not os.access(self._folder, os.W_OK):
            raise TemporaryFailure(f"{self._folder} cannot be written to")
        return [f"mails are written to {self._folder}; set BILLHOOK_SMTP_URL to send them"]

    def _path(self, message_id: str) -> Path:
        plain = message_id.strip("<>")
        safe = re.sub(r"[^A-Za-z0-9._@+-]", "_", plain)[:_NAME_MAX].lstrip(".")
        # Where the name had to be changed, a hash keeps two mails from sharing it.
        suffix = "" if safe == plain else f"-{sha256(plain.encode()).hexdigest()[:12]}"
        return self._folder / f"{safe}{suffix}.eml"


def _write_durably(path: Path, content: bytes) -> None:
    # Mails hold the names and addresses of customers: for nobody else's eyes.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish(temporary: Path, path: Path, content: bytes) -> Outcome:
    if path.exists():
        if _DATE_LINE.sub(b"", path.read_bytes(), count=1) == _DATE_LINE.sub(b"", content, count=1):
            return Delivered(remote_id=str(path))
        return Refused("mail_differs", f"{path} is there with another content.", "Move the file away, then retry the delivery.")
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The new name lasts only once the folder is on the disk as well.
        os.fsync(folder)
    finally:
        os.close(folder)
    return Delivered(remote_id=str(path))
