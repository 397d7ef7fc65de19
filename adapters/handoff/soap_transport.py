"""How the SOAP library reads files and sends: only through the caller, which checks where it connects.

It stands in for the library's own transport, which follows redirects and opens any file that a WSDL imports.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from adapters.handoff.answer import Answer
from adapters.handoff.body import HandedOverBody
from adapters.handoff.call import Call, Caller, CallFailed
from adapters.handoff.http_outcome import failure_of
from adapters.handoff.redaction import Redaction
from application.ports.handoff import SoapHandOffSettings
from domain.delivery.outcome import ConnectionLost, Unknown
from domain.errors import DomainError

_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_ANSWERS = frozenset({200, 201, 202})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the shape the library reads."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class SoapTransport:
    """The transport of one connection. ``handing_over`` is set anew for each call."""

    def __init__(self, settings: SoapHandOffSettings, caller: Caller, redaction: Redaction, headers: Mapping[str, str]) -> None:
        self._settings = settings
        self._caller = caller
        self._redaction = redaction
        self._headers = headers
        self.handing_over: Callable[[], None] = lambda: None
        self.handed_over = False
        self.answer: Answer | None = None

    def begin(self, handing_over: Callable[[], None]) -> None:
        """A new call: nothing of it went out yet."""
        self.handing_over, self.handed_over, self.answer = handing_over, False, None

    def load(self, url: str) -> bytes:
        """A WSDL, or a file that it imports. Raises DomainError("wsdl_unusable") and CallFailed."""
        return self._fetch(url) if is_remote(url) else self._read(url)

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> Reply:
        """Send an envelope. Raises CallFailed where what comes back is no SOAP answer."""
        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        body = HandedOverBody(content, self.handing_over)
        try:
            answer = self._caller.answer(Call("POST", address, {**self._headers, **headers}, body), self._settings.answer_bytes_max)
        finally:
            self.handed_over = body.handed_over
        self.answer = answer
        if not answer.whole:
            raise CallFailed(Unknown(f"The document was sent; the answer ({answer.status}) was cut off, too large or too slow."))
        if answer.status not in _ANSWERS and "xml" not in answer.content_type:
            raise CallFailed(failure_of(answer, self._redaction, repeat_is_safe=False))
        return Reply(answer.status, answer.content, {"Content-Type": answer.content_type or "text/xml"})

    def _fetch(self, url: str) -> bytes:
        if _origin(url) != _origin(self._settings.wsdl):
            raise _unusable(f"it imports {url}, which is at another server", "Save the WSDL and what it imports as files in one folder.")
        answer = self._caller.answer(Call("GET", url, self._headers), self._settings.wsdl_bytes_max)
        if answer.status >= _SERVER_ERROR or answer.status == _TOO_MANY:
            raise CallFailed(ConnectionLost(f"The server of the WSDL answered {answer.status}."))
        if answer.status != _OK or not answer.whole:
            what = f"the server answered {answer.status}" if answer.whole else "it is too large, too slow or cut off"
            raise _unusable(what, "Correct wsdl, the user name or the password of the integration.")
        return answer.content

    def _read(self, path: str) -> bytes:
        wsdl = self._settings.wsdl
        if is_remote(wsdl) or not Path(path).resolve().is_relative_to(Path(wsdl).resolve().parent):
            raise _unusable(f"it imports the file {path}, which is not beside it", "Save all files in the folder of the WSDL.")
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise _unusable(f"{path} cannot be read: {error.strerror}", "Correct wsdl: an https address or the path of a file.") from error


def is_remote(url: str) -> bool:
    """Whether it is an address rather than the path of a file."""
    return "://" in url


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _unusable(why: str, next_step: str) -> DomainError:
    return DomainError("wsdl_unusable", f"The WSDL cannot be used: {why}.", next_step)
