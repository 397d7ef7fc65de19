"""What is wrong with a declared configuration: all of it at once, so that one correction is enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: ``path`` as in ``companies[777].plan.layout``, ``line`` where it came from a file (0: unknown)."""

    path: str
    text: str
    line: int = 0

    def __str__(self) -> str:
        """One line for people."""
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.path}: {self.text}" if self.path else f"{place}{self.text}"


class ConfigurationRefused(DomainError):
    """The configuration was refused as a whole; ``mistakes`` holds every reason."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.path)))
        text = "\n".join(map(str, self.mistakes))
        super().__init__(
            "configuration_refused", f"The configuration was refused; nothing was changed.\n{text}", "Correct this and apply again."
        )
