"""Reading a partner's answer under limits."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from application.ports.handoff import HandOffTimeouts

_CHUNK = 65_536
_RETRY_AFTER_MAX_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``whole`` is False where the body was cut off, too large or too slow; ``content`` is what there is of it."""

    status: int
    content: bytes
    content_type: str
    whole: bool
    retry_after_s: float | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none, or not whole."""
        if not self.whole:
            raise ValueError("the answer is not whole")
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError("the answer is nested too deep") from error


def read_answer(
    response: requests.Response, timeouts: HandOffTimeouts, bytes_max: int, clock: Callable[[], float] = time.monotonic
) -> Answer:
    """The answer, at most ``bytes_max`` of it and for at most ``answer_s``. Never raises for what the network does."""
    content, whole = bytearray(), False
    give_up_at = clock() + timeouts.answer_s
    with closing(response):
        try:
            while len(content) <= bytes_max and clock() < give_up_at:
                # read1 returns what is there: a partner that drips one byte a minute is noticed.
                piece = response.raw.read1(_CHUNK, decode_content=True)
                if not piece:
                    whole = True
                    break
                content += piece
        except (HTTPError, OSError, ValueError):
            whole = False
    return Answer(
        response.status_code,
        bytes(content[:bytes_max]),
        response.headers.get("Content-Type", ""),
        whole,
        retry_after_s(response.headers.get("Retry-After", ""), datetime.now(UTC)),
    )


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: seconds or a date), at most a day; None where there is none."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _RETRY_AFTER_MAX_S)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), _RETRY_AFTER_MAX_S)
