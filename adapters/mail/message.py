"""A mail as the bytes that go over the wire.

What comes from templates and orders may not add a header. Controls are taken out; ``=?`` is taken apart, because Python
before 3.11.10 turns an encoded word with a line break inside into a header of its own (CVE-2024-6923); and the result is
read again and must have exactly the headers that were meant.
"""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from adapters.mail.addresses import parse_addresses, parse_sender
from application.ports.mailer import Mail
from domain.errors import DomainError

SUBJECT_LENGTH_MAX = 200
ENVELOPE_HEADER = "X-Billhook-Envelope-To"
_POLICY = policy.SMTP
_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_BODY_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,120}@[A-Za-z0-9.-]{1,120}>")
_FILE_NAME = re.compile(r"[A-Za-z0-9._-]{1,120}")


def header_text(text: str) -> str:
    """Text that can stand in a header: one line, no controls, no start of an encoded word, at most 200 characters."""
    text = _UNSEEN.sub("", _BLANKS.sub(" ", text)).strip()[:SUBJECT_LENGTH_MAX].strip()
    return text.replace("=?", "= ?")


def compose(mail: Mail, date: datetime, envelope_header: tuple[str, ...] = ()) -> bytes:
    """The mail with CRLF line ends; the same mail and date always give the same bytes.

    ``envelope_header`` names all recipients in a header of our own, for mails that only go to a file.
    Raises DomainError("unsafe_mail") where a header is not what it was meant to be.
    """
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(mail, date, envelope_header).items():
        message[name] = value
    message.set_content(_body(mail.text), cte="quoted-printable")
    if mail.html:
        message.add_alternative(_body(mail.html), subtype="html", cte="quoted-printable")
    for attachment in mail.attachments:
        main, _, sub = attachment.media_type.partition("/")
        if not _FILE_NAME.fullmatch(attachment.name):
            raise _unsafe(f"The name of the attachment is {attachment.name!r}")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    _set_boundaries(message, mail)
    content = message.as_bytes()
    _verify(content, message, mail)
    return content


def _headers(mail: Mail, date: datetime, envelope_header: tuple[str, ...]) -> dict[str, object]:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise _unsafe(f"The Message-ID is {mail.message_id!r}")
    sender = parse_sender(mail.sender)
    recipients = [Address(addr_spec=address) for address in parse_addresses(",".join(mail.to))]
    headers: dict[str, object] = {
        "From": Address(header_text(sender.name), addr_spec=sender.address),
        "To": recipients or "undisclosed-recipients:;",
        "Subject": header_text(mail.subject),
        "Date": format_datetime(date),
        "Message-ID": mail.message_id,
        # Keeps holiday notices from being answered to us (RFC 3834).
        "Auto-Submitted": "auto-generated",
    }
    if envelope_header:
        headers[ENVELOPE_HEADER] = ", ".join(envelope_header)
    return headers


def _body(text: str) -> str:
    return _BODY_CONTROLS.sub("", text)


def _set_boundaries(message: EmailMessage, mail: Mail) -> None:
    # Not random, so that a second try gives the same bytes; not to be guessed by the content, as it depends on all of it.
    seed = sha256(repr((mail.message_id, mail.text, mail.html)).encode(errors="replace")).hexdigest()[:32]
    for index, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{seed}_{index}")


def _verify(content: bytes, meant: EmailMessage, mail: Mail) -> None:
    read = message_from_bytes(content, policy=policy.default)
    if sorted(read.keys()) != sorted(meant.keys()):
        raise _unsafe("A value tried to add a header")
    if [address.addr_spec for address in read["To"].addresses] != list(parse_addresses(",".join(mail.to))):
        raise _unsafe("The recipients would be read differently")


def _unsafe(what: str) -> DomainError:
    return DomainError("unsafe_mail", f"{what}; the mail was not sent.", "Look at the subject, the names and the addresses of this mail.")
