"""What it means that a vendor did nothing, although a document was handed over to it."""

from domain.delivery.outcome import ConnectionLost, RetryLater
from domain.errors import DomainError, TemporaryFailure


def nothing_happened(failure: TemporaryFailure | DomainError) -> ConnectionLost | RetryLater:
    """A failure with a code lasts, such as a lost consent or the limit of the day: it is the whole lane's, and told at once."""
    if isinstance(failure, DomainError):
        return ConnectionLost(failure.text, failure.code, failure.next_step)
    if failure.code:
        return ConnectionLost(failure.text, failure.code, after_s=failure.retry_after_s)
    return RetryLater(failure.text, failure.retry_after_s)
