"""Which of two messages about one order is the newer (DESIGN 4.1).

``version`` decides where both carry one; else ``updated_at`` where both carry it; else the order of arrival.
"""

from datetime import datetime
from enum import StrEnum

from domain.value import value


class Arrival(StrEnum):
    """What became of a message about an order."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    STALE = "stale"


@value
class VersionMark:
    """What a message says of its own age, and the SHA-256 of its body."""

    version: int | None
    updated_at: datetime | None
    body_sha256: str


def judge_arrival(known: VersionMark | None, arriving: VersionMark) -> Arrival:
    """Whether the arriving message is newer than the known one, says the same again, or is older."""
    if known is None:
        return Arrival.ACCEPTED
    if known.body_sha256 == arriving.body_sha256:
        return Arrival.DUPLICATE
    if known.version is not None and arriving.version is not None:
        return _compare(known.version, arriving.version, Arrival.DUPLICATE)
    if known.updated_at is not None and arriving.updated_at is not None:
        # Two messages of one second differ in content: the later arrival is the better guess.
        return _compare(known.updated_at.timestamp(), arriving.updated_at.timestamp(), Arrival.ACCEPTED)
    return Arrival.ACCEPTED


def _compare(known: float, arriving: float, when_equal: Arrival) -> Arrival:
    if arriving == known:
        return when_equal
    return Arrival.ACCEPTED if arriving > known else Arrival.STALE
