"""Messages in batches that fit into memory, however long a file is and however large its messages are."""

from collections.abc import Iterable, Iterator

from application.ports.quarantine import IncomingMessage

BATCH_BYTES_MAX = 8 * 1024 * 1024
"""A batch is full with so many bytes of bodies, as at the intake from the broker."""


def in_batches(messages: Iterable[IncomingMessage], size: int = 500) -> Iterator[list[IncomingMessage]]:
    """Lists of at most ``size`` messages, read as they are asked for; one that is full ends with the message that filled it."""
    batch: list[IncomingMessage] = []
    held = 0
    for message in messages:
        batch.append(message)
        held += len(message.body)
        if len(batch) >= size or held >= BATCH_BYTES_MAX:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
