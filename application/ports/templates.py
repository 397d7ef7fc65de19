"""Templates that users write, rendered where they can do no harm."""

from collections.abc import Mapping
from typing import Any, Protocol


class Templates(Protocol):
    """Renders users' templates with plain data: strings, numbers as strings, lists and mappings."""

    def render_text(self, template: str, variables: Mapping[str, Any]) -> str:
        """Plain text, without escaping.

        Raises DomainError("template_failed") with the line, also where it takes too long or grows too large.
        """
        ...

    def render_html(self, template: str, variables: Mapping[str, Any]) -> str:
        """HTML; values are escaped. Raises as ``render_text``."""
        ...
