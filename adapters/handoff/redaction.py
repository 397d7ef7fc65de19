"""Texts of others, made fit for the delivery's record: no secrets, no control characters, short."""

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_LENGTH_MAX = 400
_SECRET_MIN = 3


class Redaction:
    """Hides secrets in every spelling in which a request carries them: plain, percent-encoded and in basic authentication."""

    def __init__(self, secrets: Iterable[str], username: str = "") -> None:
        spellings = {spelling for secret in secrets if len(secret) >= _SECRET_MIN for spelling in _spellings(secret, username)}
        # The longest first, so that no piece of a longer one is left over.
        self._spellings = sorted(spellings, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text with ``***`` for each secret."""
        for spelling in self._spellings:
            text = text.replace(spelling, "***")
        return text

    def short(self, text: str) -> str:
        """One short line without secrets. What is cut off is cut after hiding, so that no half of a secret is left."""
        line = " ".join("".join(sign if sign.isprintable() else " " for sign in self.hide(text)).split())
        return line if len(line) <= _LENGTH_MAX else line[: _LENGTH_MAX - 1] + "…"


def _spellings(secret: str, username: str) -> Iterable[str]:
    pair = base64.b64encode(f"{username}:{secret}".encode()).decode()
    alone = base64.b64encode(secret.encode()).decode()
    return secret, quote(secret, safe=""), quote_plus(secret), pair, alone, secret.encode("unicode_escape").decode()
