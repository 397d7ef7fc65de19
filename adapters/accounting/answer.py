"""What a vendor answered, read with a bound on its size."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
from urllib3.exceptions import HTTPError

BYTES_MAX = 10 * 1024 * 1024
_CHUNK = 65_536
_SHOWN = 300


class Cut(Exception):
    """An answer began and its end never came, or it is too large to be true."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. The names of ``headers`` are found in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The document with its numbers exact (int and Decimal); None where it is none, such as a gateway's page."""
        try:
            return json.loads(self.content.decode("utf-8-sig", errors="replace"), parse_float=Decimal)
        except (ValueError, RecursionError):
            return None

    def shown(self) -> str:
        """The beginning of its text, on one line, for an error."""
        text = self.content[: 4 * _SHOWN].decode(errors="replace")
        line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def read_answer(response: requests.Response, give_up_at: float) -> Answer:
    """The answer, read until ``give_up_at`` of the monotonic clock at the latest. Raises Cut."""
    content = bytearray()
    with closing(response):
        while piece := _piece(response):
            content += piece
            if len(content) > BYTES_MAX:
                raise Cut(f"the answer is larger than {BYTES_MAX // 1024 // 1024} MB")
            if time.monotonic() > give_up_at:
                raise Cut("the answer comes too slowly")
    return Answer(response.status_code, response.headers, bytes(content))


def _piece(response: requests.Response) -> bytes:
    try:
        # read1 returns what is there: a server that drips one byte a minute is noticed.
        return bytes(response.raw.read1(_CHUNK, decode_content=True))
    except (HTTPError, OSError, ValueError) as error:
        raise Cut(f"the answer was cut off ({type(error).__name__})") from error
