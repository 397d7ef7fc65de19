"""The error tree.

DomainError             permanent: trying again changes nothing; ``code`` is stable and public
├── Invalid             the input breaks a rule; ``path`` names the place
├── NotFound            no such order, invoice, company …
└── Conflict            the thing exists and differs from what was asked
TemporaryFailure        trying again later may help; may carry ``retry_after_s``

Anything else is a bug: it ends the unit of work, never the fleet.
"""


class DomainError(Exception):
    """A permanent refusal: what happened, and what to do next."""

    def __init__(self, code: str, text: str, next_step: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.next_step = next_step


class Invalid(DomainError):
    """The input breaks a rule. ``path`` is where, e.g. ``items[2].quantity``."""

    def __init__(self, path: str, text: str, next_step: str = "") -> None:
        super().__init__("invalid", f"{path}: {text}" if path else text, next_step)
        self.path = path


class NotFound(DomainError):
    """Nothing goes by that name."""

    def __init__(self, what: str, name: str, next_step: str = "") -> None:
        super().__init__("not_found", f"No {what} {name!r}.", next_step)


class Conflict(DomainError):
    """What is asked contradicts what is stored."""


class TemporaryFailure(Exception):
    """Trying again later may help. ``retry_after_s`` in seconds, where the other side said so.

    ``code`` where people are told at once, although it will pass, since it takes long: ``day_limit``.
    """

    def __init__(self, text: str, retry_after_s: float | None = None, code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.retry_after_s = retry_after_s
        self.code = code
