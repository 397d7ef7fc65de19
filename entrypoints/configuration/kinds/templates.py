"""Users' templates in settings are tried before they are taken."""

from collections.abc import Iterator, Mapping
from typing import Any

from application.ports.templates import Templates
from domain.errors import DomainError
from entrypoints.configuration.strict import Strict


def check_templates(settings: Strict, templates: Templates, sample: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """``subject_template`` and ``html_template`` must work with the variables of something invented."""
    for key, render in (("subject_template", templates.render_text), ("html_template", templates.render_html)):
        try:
            render(getattr(settings, key), sample)
        except DomainError as error:
            yield key, f"{error.text.rstrip('.')}. {error.next_step}".strip()
