"""What every mailer does: the same suite on files and on a real SMTP server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from adapters.mail.eml import EmlFileMailer
from adapters.mail.mailer import SmtpMailer
from adapters.mail.message import ENVELOPE_HEADER
from application.ports.destination import LeaseVoid
from application.ports.mailer import Attachment, Mail, Mailer
from domain.delivery.outcome import Delivered, Refused
from tests.fakes.clock import SetClock
from tests.services.mail_catcher import MailCatcher

MAIL = Mail(
    message_id="<delivery-1-0@billhook.acme.example>",
    sender="ACME Accounts <accounts@acme.example>",
    to=("books@giftshop.example",),
    bcc=("accounts@acme.example",),
    subject="Invoice INV-000001 für Zoë",
    text="Dear Gift Shop\n.\n..dots\n",
    html="<p>Dear Gift Shop</p>",
    attachments=(Attachment("Invoice-INV-000001.pdf", "application/pdf", b"%PDF-1.7 \x00\xff\r\n."),),
)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"}


@dataclass(frozen=True)
class Arrived:
    """A mail at the other side: who it was for, and what it was."""

    recipients: tuple[str, ...]
    message: EmailMessage


@dataclass(frozen=True)
class PostOffice:
    """A mailer, and a look at what came of it."""

    mailer: Mailer
    arrived: Callable[[], list[Arrived]]


def read(content: bytes) -> EmailMessage:
    """Parse a mail as a mail program does."""
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


@pytest.fixture(params=["files", "smtp"])
def post_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostOffice]:
    if request.param == "files":
        yield PostOffice(EmlFileMailer(tmp_path, SetClock()), lambda: files_in(tmp_path / "mail"))
        return
    with MailCatcher() as catcher:
        mailer = SmtpMailer(catcher.url(), SetClock())
        yield PostOffice(mailer, lambda: [Arrived(mail.envelope_to, mail.message) for mail in catcher.mails])


def files_in(folder: Path) -> list[Arrived]:
    """The mails that were written, with the recipients that the header of ours names."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = read(path.read_bytes())
        recipients = tuple(part.strip() for part in str(message[ENVELOPE_HEADER]).split(","))
        del message[ENVELOPE_HEADER]
        found.append(Arrived(recipients, message))
    return found


def nothing() -> None:
    """Hand over without further ado."""


def test_a_mail_arrives_with_both_texts_and_its_attachment(post_office: PostOffice) -> None:
    with post_office.mailer.open() as session:
        outcome = session.send(MAIL, nothing)

    assert isinstance(outcome, Delivered)
    [arrived] = post_office.arrived()
    text, html = arrived.message.get_body(("plain",)), arrived.message.get_body(("html",))
    [attachment] = arrived.message.iter_attachments()
    assert text is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert html is not None
    assert html.get_content().strip() == MAIL.html
    assert attachment.get_filename() == "Invoice-INV-000001.pdf"
    assert attachment.get_content() == MAIL.attachments[0].content  # type: ignore[attr-defined]
    assert arrived.message["Subject"] == MAIL.subject
    assert arrived.message["Message-ID"] == MAIL.message_id


def test_who_gets_a_blind_copy_stands_in_no_header(post_office: PostOffice) -> None:
    with post_office.mailer.open() as session:
        session.send(MAIL, nothing)

    [arrived] = post_office.arrived()
    assert arrived.recipients == ("books@giftshop.example", "accounts@acme.example")
    assert set(arrived.message.keys()) == HEADERS
    assert arrived.message["To"] == "books@giftshop.example"


def test_a_mail_may_have_blind_copies_only(post_office: PostOffice) -> None:
    """The seed's users put all addresses into the BCC field."""
    with post_office.mailer.open() as session:
        outcome = session.send(replace(MAIL, to=()), nothing)

    [arrived] = post_office.arrived()
    assert isinstance(outcome, Delivered)
    assert arrived.recipients == ("accounts@acme.example",)
    assert arrived.message["To"] == "undisclosed-recipients:;"


def test_nothing_is_outside_when_it_is_handed_over(post_office: PostOffice) -> None:
    """Who hands over may still say no; and it is asked exactly once."""
    seen: list[int] = []

    with post_office.mailer.open() as session:
        session.send(MAIL, lambda: seen.append(len(post_office.arrived())))

    assert seen == [0]


def test_a_void_lease_stops_the_mail_and_not_the_next_one(post_office: PostOffice) -> None:
    def void() -> None:
        raise LeaseVoid

    with post_office.mailer.open() as session:
        with pytest.raises(LeaseVoid):
            session.send(MAIL, void)
        outcome = session.send(replace(MAIL, message_id="<delivery-2-0@billhook.acme.example>"), nothing)

    assert isinstance(outcome, Delivered)
    assert [arrived.message["Message-ID"] for arrived in post_office.arrived()] == ["<delivery-2-0@billhook.acme.example>"]


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?x=0ABcc=3A_evil=40x=2Etest?=",
        "Invoice\r\nBcc: evil@x.test",
        "Invoice\nBcc: evil@x.test\n\nbody",
        "Invoice\u2028Bcc: evil@x.test",
        "Invoice\x85Bcc: evil@x.test\x00",
        "=\u200b?utf-8?q?x=0ABcc=3A_evil=40x=2Etest?=",
        "ü" * 300 + " =?utf-8?b?CkJjYzogZXZpbEB4LnRlc3Q=?=",
        "x" * 1000,
    ],
)
def test_a_subject_cannot_add_a_header(post_office: PostOffice, subject: str) -> None:
    """Also not by the encoded word of CVE-2024-6923."""
    with post_office.mailer.open() as session:
        outcome = session.send(replace(MAIL, subject=subject, sender=f"{subject[:40].replace('<', '')} <accounts@acme.example>"), nothing)

    assert isinstance(outcome, Delivered | Refused)
    for arrived in post_office.arrived():
        assert set(arrived.message.keys()) == HEADERS
        assert arrived.recipients == ("books@giftshop.example", "accounts@acme.example")
        assert len(arrived.message["Subject"]) <= 200


@pytest.mark.parametrize("address", ["evil@x.test\r\nBcc: a@b.test", "no address", "a b@c.test", "ä@x.test", "a@x.test>"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(post_office: PostOffice, address: str) -> None:
    with post_office.mailer.open() as session:
        outcome = session.send(replace(MAIL, bcc=(address,)), nothing)

    assert isinstance(outcome, Refused)
    assert outcome.code == "bad_address"
    assert outcome.next_step
    assert post_office.arrived() == []


def test_a_mail_to_nobody_is_refused(post_office: PostOffice) -> None:
    with post_office.mailer.open() as session:
        outcome = session.send(replace(MAIL, to=(), bcc=()), nothing)

    assert isinstance(outcome, Refused)
    assert outcome.code == "no_recipient"


def test_many_mails_go_over_one_session(post_office: PostOffice) -> None:
    with post_office.mailer.open() as session:
        outcomes = [session.send(replace(MAIL, message_id=f"<delivery-{number}-0@x.example>"), nothing) for number in range(20)]

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert len(post_office.arrived()) == 20


def test_a_check_sends_nothing(post_office: PostOffice) -> None:
    with post_office.mailer.open() as session:
        sentences = session.check()

    assert sentences
    assert post_office.arrived() == []
