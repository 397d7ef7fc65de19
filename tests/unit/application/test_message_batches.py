from collections.abc import Iterator

from application.message_batches import BATCH_BYTES_MAX, in_batches
from application.ports.quarantine import IncomingMessage


def of(*sizes: int) -> Iterator[IncomingMessage]:
    """Messages of so many bytes."""
    return (IncomingMessage(bytes(size)) for size in sizes)


def sizes_in(messages: Iterator[IncomingMessage], size: int) -> list[list[int]]:
    return [[len(message.body) for message in batch] for batch in in_batches(messages, size)]


def test_a_batch_ends_with_its_count_or_with_its_bytes() -> None:
    """Whichever comes first; nothing is left out, and no batch is empty."""
    half = BATCH_BYTES_MAX // 2

    assert sizes_in(of(1, 2, 3, 4, 5), 2) == [[1, 2], [3, 4], [5]]
    assert sizes_in(of(half, half, 1, 2 * BATCH_BYTES_MAX, 3), 100) == [[half, half], [1, 2 * BATCH_BYTES_MAX], [3]]
    assert sizes_in(of(1, 2), 2) == [[1, 2]]
    assert sizes_in(of(), 2) == []


def test_messages_are_read_as_they_are_asked_for() -> None:
    """A file is no longer in memory than one batch."""
    messages = of(*range(100))

    next(in_batches(messages, 3))

    assert len(next(messages).body) == 3
