"""The URL of a mail server."""

import pytest

from adapters.mail.smtp_settings import SmtpSettings, StartTls, parse_smtp_url
from domain.errors import DomainError


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("smtp://mail.example", SmtpSettings("mail.example", 25, starttls=StartTls.AUTO)),
        ("smtp://mail.example:587", SmtpSettings("mail.example", 587, starttls=StartTls.REQUIRED)),
        ("smtp://u:p%40ss@mail.example:2525", SmtpSettings("mail.example", 2525, "u", "p@ss", starttls=StartTls.REQUIRED)),
        ("smtp://mail.example:587?starttls=never", SmtpSettings("mail.example", 587, starttls=StartTls.NEVER)),
        ("smtps://u@mail.example/", SmtpSettings("mail.example", 465, "u", implicit_tls=True, starttls=StartTls.REQUIRED)),
    ],
)
def test_a_url_says_where_and_how(url: str, settings: SmtpSettings) -> None:
    assert parse_smtp_url(url) == settings


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://m.example?tls=no",
        "smtp://m.example?starttls=maybe",
        "smtp://m.example/x",
    ],
)
def test_a_url_that_says_neither_is_refused(url: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parse_smtp_url(url)

    assert refusal.value.code == "bad_smtp_url"
    assert "BILLHOOK_SMTP_URL" in refusal.value.next_step


def test_the_password_is_never_shown() -> None:
    with pytest.raises(DomainError) as refusal:
        parse_smtp_url("smtp://user:secret@m.example/x")

    assert "secret" not in repr(parse_smtp_url("smtp://user:secret@m.example"))
    assert "secret" not in refusal.value.text + refusal.value.next_step
