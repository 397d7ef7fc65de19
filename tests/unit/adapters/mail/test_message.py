"""The bytes of a mail."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import compose, header_text
from application.ports.mailer import Attachment, Mail
from domain.errors import DomainError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAIL = Mail(
    message_id="<delivery-1-0@billhook.acme.example>",
    sender="accounts@acme.example",
    to=("books@giftshop.example",),
    bcc=(),
    subject="Invoice",
    text="Dear",
    html="<p>Dear</p>",
    attachments=(Attachment("Invoice-1.pdf", "application/pdf", b"%PDF"),),
)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"}


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose(MAIL, NOW) == compose(MAIL, NOW)


def test_every_line_ends_as_mail_wants_it_and_none_is_too_long() -> None:
    """RFC 5321, 4.5.3.1.6: 998 characters."""
    content = compose(replace(MAIL, text="x" * 5000 + "\nü\n.\n", html="<p>" + "y" * 5000), NOW)

    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


@given(subject=st.text(max_size=300), name=st.text(alphabet=st.characters(exclude_characters="<>"), max_size=80))
def test_no_subject_and_no_name_adds_a_header(subject: str, name: str) -> None:
    message = read(compose(replace(MAIL, subject=subject, sender=f"{name} <accounts@acme.example>"), NOW))

    assert set(message.keys()) == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["books@giftshop.example"]


@given(st.text(alphabet=st.sampled_from("=?utf-8qbB_0Acc:@\r\n \u2028\u200b"), max_size=120))
def test_no_encoded_word_adds_a_header(subject: str) -> None:
    """CVE-2024-6923, with the letters it is made of."""
    message = read(compose(replace(MAIL, subject=subject), NOW))

    assert set(message.keys()) == HEADERS
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("  a \r\n b\u2028c ", "a b c"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("a\x00b\u202ec", "abc"),
        ("x" * 300, "x" * 200),
        ("Rechnung für Zoë", "Rechnung für Zoë"),
    ],
)
def test_header_text_is_one_plain_line(text: str, header: str) -> None:
    assert header_text(text) == header


@pytest.mark.parametrize("name", ["../x.pdf", "a b.pdf", "a\r\nX: y.pdf", "", "x" * 300])
def test_the_name_of_an_attachment_is_of_our_own_making(name: str) -> None:
    with pytest.raises(DomainError, match="attachment"):
        compose(replace(MAIL, attachments=(Attachment(name, "application/pdf", b""),)), NOW)


@pytest.mark.parametrize("message_id", ["delivery-1", "<a@b>\r\nBcc: c@d.example", "<a b@c.example>", ""])
def test_a_message_id_is_of_our_own_making(message_id: str) -> None:
    with pytest.raises(DomainError, match="Message-ID"):
        compose(replace(MAIL, message_id=message_id), NOW)


def test_a_part_cannot_be_smuggled_in_by_the_boundary_of_another_mail() -> None:
    """The boundary depends on all of the content, so the content cannot hold it."""
    boundary = read(compose(MAIL, NOW)).get_boundary()
    forged = f"--{boundary}\r\nContent-Type: text/html\r\n\r\n<b>forged</b>"

    message = read(compose(replace(MAIL, text=forged), NOW))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
