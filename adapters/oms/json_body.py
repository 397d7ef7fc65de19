"""The limits of a message's body, and its division into single orders, before anything in it is looked at."""

import re
from collections.abc import Sequence
from typing import NoReturn

import msgspec

from application.ports.order_translator import MESSAGE_SIZE_MAX, over_the_limit
from domain.errors import Invalid

BODY_SIZE_MAX = MESSAGE_SIZE_MAX
DEPTH_MAX = 32

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ONE = msgspec.json.Decoder(msgspec.Raw)
_MANY = msgspec.json.Decoder(list[msgspec.Raw])
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def split_body(body: bytes, size_max: int = BODY_SIZE_MAX) -> Sequence[bytes]:
    """The one object, or the elements of the array, as they were written, without a byte order mark or outer white space.

    Raises Invalid where the body is over ``size_max`` bytes, nested deeper than DEPTH_MAX, not UTF-8, not JSON, neither an
    object nor an array, or an empty array: a message that holds no order is a mistake of its sender, and is kept to be seen.
    """
    if len(body) > size_max:
        raise over_the_limit(len(body), size_max)
    body = body.removeprefix(_BYTE_ORDER_MARK)
    _check_utf8(body)
    try:
        whole = bytes(_ONE.decode(body))
        if whole[:1] == b"{":
            orders = [whole]
        elif whole[:1] == b"[":
            orders = [bytes(element) for element in _MANY.decode(whole)]
        else:
            raise Invalid("", "The message must be an order (an object) or an array of orders.")
    except msgspec.DecodeError as error:
        raise Invalid("", f"The message is not JSON: {error}.") from None
    except RecursionError:
        _refuse_depth()
    if not orders:
        raise Invalid("", "The array holds no orders.")
    for order in orders:
        _check_depth(order)
    return orders


def _check_utf8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("", f"The message is not UTF-8: {error.reason} (byte {error.start}).") from None


def _check_depth(order: bytes) -> None:
    # Nothing is deeper than it has opening brackets, and an ordinary order has few. The others are measured.
    if order.count(b"{") + order.count(b"[") > DEPTH_MAX and _is_too_deep(order):
        _refuse_depth()


def _is_too_deep(order: bytes) -> bool:
    """Take away the innermost brackets, one level a turn; what is left after DEPTH_MAX turns lies deeper. The order is valid JSON."""
    brackets = _STRINGS.sub(b"", order).translate(None, _NOT_BRACKETS)
    for _ in range(DEPTH_MAX):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b".").replace(b"{}", b".").replace(b".", b"")
    return bool(brackets)


def _refuse_depth() -> NoReturn:
    raise Invalid("", f"The message is nested deeper than {DEPTH_MAX} levels.")
