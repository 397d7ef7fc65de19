"""Files of orders as messages: JSON lines, one JSON document, or an array of any length."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import chain

from application.ports.order_translator import MESSAGE_SIZE_MAX
from application.ports.quarantine import IncomingMessage

_LINES = (".jsonl", ".ndjson")
_WHITE = " \t\r\n"


def read_messages(name: str, lines: Iterable[bytes]) -> Iterator[IncomingMessage]:
    """The messages in a file, as they stand in it; each id tells the file and the place.

    JSON lines are read as a stream, so such a file may be of any size. An array is cut into its orders, because one message
    may have 1 MiB only. What is no JSON stays one message: whoever takes it sets it aside with its bytes.
    """
    rest = iter(lines)
    first = next((line for line in rest if line.strip()), b"")
    bodies = chain([first], rest) if name.endswith(_LINES) or _is_whole(first) else _elements(first + b"".join(rest))
    for place, body in enumerate((body for body in bodies if body.strip()), 1):
        yield _message(body.strip(), f"{name}:{place}")


def _message(body: bytes, message_id: str) -> IncomingMessage:
    """Over the limit only its beginning is kept, as of a message from the broker: a file may hold any number of them."""
    if len(body) <= MESSAGE_SIZE_MAX:
        return IncomingMessage(body, message_id=message_id, origin="file")
    sha256 = hashlib.sha256(body).hexdigest()
    return IncomingMessage(body[: MESSAGE_SIZE_MAX + 1], message_id=message_id, origin="file", size=len(body), sha256=sha256)


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _elements(content: bytes) -> Iterator[bytes]:
    """The elements of an array, cut out and not written anew; the content itself where it is something else."""
    try:
        text = content.decode("utf-8-sig")
        yield from [element.encode() for element in _cut(text)] if text.lstrip().startswith("[") else [content]
    except (ValueError, RecursionError):
        yield content


def _cut(text: str) -> Iterator[str]:
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("[") + 1)
    while text[at : at + 1] != "]":
        _, end = decoder.raw_decode(text, at)
        yield text[at:end]
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError("an array must have commas between its elements and a bracket at its end")
    if text[at + 1 :].strip():
        raise ValueError("something follows the array")


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _WHITE:
        at += 1
    return at
