"""Sending mail over one connection."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from domain.delivery.outcome import LookUp, Outcome


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a mail; its name is made of our own ids only."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. ``bcc`` are envelope recipients that no header names. ``message_id`` is stable per delivery."""

    message_id: str
    sender: str
    to: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = field(default=())


class MailSession(Protocol):
    """An open connection to a mail server."""

    def send(self, mail: Mail, handing_over: Callable[[], None]) -> Outcome:
        """Send one mail; ``handing_over`` is called when all recipients are accepted and the content is about to go.

        Delivered.remote_id is the server's own word for it (its queue id), or the file's path.
        """
        ...

    def look_up(self, message_id: str) -> LookUp:
        """Whether a mail that was handed over without an answer went out."""
        ...

    def check(self) -> Sequence[str]:
        """What the server says of itself; raises TemporaryFailure or DomainError where it cannot be used."""
        ...


class Mailer(Protocol):
    """Opens mail sessions."""

    def open(self) -> AbstractContextManager[MailSession]:
        """Connect, secure, log in. Raises TemporaryFailure, or DomainError where the log-in is refused."""
        ...
