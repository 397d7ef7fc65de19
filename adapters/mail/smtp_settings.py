"""The address of a mail server, as one URL."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.errors import DomainError

_NEXT_STEP = "Write BILLHOOK_SMTP_URL as smtp://user:password@host:587 or smtps://user:password@host:465."
_SUBMISSION = 587
_DEFAULT_PORTS = {"smtp": 25, "smtps": 465}


class StartTls(StrEnum):
    """Whether a connection that starts in clear must, may or must not be secured before anything is sent."""

    REQUIRED = "required"
    AUTO = "auto"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where and how to connect. ``implicit_tls``: secured from the first byte (smtps)."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    starttls: StartTls = StartTls.AUTO


def parse_smtp_url(url: str) -> SmtpSettings:
    """``smtp://user:password@host:587?starttls=required`` or ``smtps://…``. Raises DomainError("bad_smtp_url").

    STARTTLS is required by default on port 587 and wherever a log-in is given: a password never goes in clear unasked.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise _bad(str(error)) from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise _bad("it must start with smtp:// or smtps:// and name a host")
    if parts.path.strip("/") or parts.fragment or set(options) - {"starttls"}:
        raise _bad("after the port only ?starttls=required, auto or never may follow")
    port = port or _DEFAULT_PORTS[parts.scheme]
    default = StartTls.REQUIRED if parts.username or port == _SUBMISSION else StartTls.AUTO
    try:
        starttls = StartTls(options.get("starttls", default))
    except ValueError:
        raise _bad(f"starttls={options['starttls']} is unknown; it may be required, auto or never") from None
    return SmtpSettings(
        host=parts.hostname,
        port=port,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=parts.scheme == "smtps",
        starttls=starttls,
    )


def _bad(why: str) -> DomainError:
    # The URL itself may hold the password, so it is not repeated.
    return DomainError("bad_smtp_url", f"The URL of the mail server cannot be used: {why}.", _NEXT_STEP)
