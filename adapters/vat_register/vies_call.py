"""One call of VIES over HTTP: whatever goes wrong here says nothing about a VAT number, so all of it is a TemporaryFailure."""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from domain.errors import TemporaryFailure

_ANSWER_BYTES_MAX = 1_048_576
_CHUNK = 16_384
# A fault of SOAP 1.1 over HTTP comes with 500 (section 6.2).
_OK, _FAULT = 200, 500
_RETRY_AFTER_MAX_S = 86_400.0
_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class ViesTimeouts:
    """In seconds: to connect, between two pieces of an answer, for the whole answer, and for the turn of a country.

    Member states may answer slowly: VIES waits for them, and so do we.
    """

    connect_s: float = 10
    read_s: float = 40
    answer_s: float = 60
    turn_s: float = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the shape the SOAP library reads."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


def exchange(session: requests.Session, url: str, envelope: bytes, timeouts: ViesTimeouts) -> Reply:
    """Send, and the answer. Redirects are not followed. Raises TemporaryFailure, and what the session raises for a refused address."""
    try:
        response = session.post(
            url,
            envelope,
            headers=_HEADERS,
            timeout=(timeouts.connect_s, timeouts.read_s),
            allow_redirects=False,
            stream=True,
        )
        with closing(response):
            if response.status_code not in {_OK, _FAULT}:
                raise TemporaryFailure(f"VIES did not answer: status {response.status_code}.", _retry_after_s(response))
            content = _read(response, timeouts.answer_s)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise TemporaryFailure(f"VIES cannot be reached: {type(error).__name__}.") from error
    return Reply(response.status_code, content, {"Content-Type": response.headers.get("Content-Type", "text/xml")})


def _read(response: requests.Response, answer_s: float) -> bytes:
    content, give_up_at = bytearray(), time.monotonic() + answer_s
    # read1 returns what is there: an answer that drips is noticed.
    while piece := response.raw.read1(_CHUNK, decode_content=True):
        content += piece
        if len(content) > _ANSWER_BYTES_MAX or time.monotonic() > give_up_at:
            raise TemporaryFailure("The answer of VIES is too large or too slow.")
    return bytes(content)


def _retry_after_s(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "").strip()
    return min(float(text[:9]), _RETRY_AFTER_MAX_S) if text.isascii() and text.isdigit() else None
