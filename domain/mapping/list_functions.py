"""Functions on several values: those of a list, or of several source paths. Empty values do not count."""

from collections.abc import Sequence
from decimal import Decimal

from domain.mapping.number_functions import add_exactly
from domain.mapping.values import Scalar, check_length, to_number, to_text


def join(values: Sequence[Scalar], separator: str) -> str:
    """``join: TEXT``: one after the other, with the text between them."""
    texts = [to_text(value) for value in values]
    check_length(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def first(values: Sequence[Scalar], _argument: None) -> Scalar | None:
    """``first``: the first that has a value."""
    return values[0] if values else None


def total(values: Sequence[Scalar], _argument: None) -> Decimal:
    """``sum``: what the numbers add up to."""
    result = Decimal(0)
    for value in values:
        result = add_exactly(result, to_number(value))
    return result


def count(values: Sequence[Scalar], _argument: None) -> int:
    """``count``: how many there are."""
    return len(values)
