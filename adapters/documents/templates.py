"""Users' templates, rendered by Jinja in child processes that can be killed.

Jinja's sandbox stops a template from reaching our objects; it does not stop it from eating time and memory. The limits
of the child do, and the child holds nothing worth reaching.
"""

import json
from collections.abc import Mapping
from typing import Any

from adapters.documents.child_process import ChildDied, ChildPool, ChildTimedOut
from domain.errors import DomainError

_MODULE = "adapters.documents.jinja_child"
TEMPLATE_BYTES_MAX = 64 * 1024
# The child ends itself after two seconds of a request. This is longer, since the first answer waits for the child to start.
_TIMEOUT_S = 15.0
# A child that a template has bloated, or whose store of compiled templates has grown, makes room for a fresh one.
_RETIRE_ABOVE_MIB = 128
_NEXT_STEP = "Correct subject_template or html_template and apply again; docs/reference/template-variables.md lists the names."


class SandboxedTemplates:
    """Renders templates with plain data; safe to use from many threads. Close it at the end."""

    def __init__(self, children: int | None = None) -> None:
        self._pool = ChildPool(_MODULE, _TIMEOUT_S, children)

    def render_text(self, template: str, variables: Mapping[str, Any]) -> str:
        """Plain text, without escaping."""
        return self._render(template, variables, is_html=False)

    def render_html(self, template: str, variables: Mapping[str, Any]) -> str:
        """HTML; values are escaped, unless the template says ``|safe``."""
        return self._render(template, variables, is_html=True)

    def close(self) -> None:
        """End the children."""
        self._pool.close()

    def _render(self, template: str, variables: Mapping[str, Any], *, is_html: bool) -> str:
        if len(template.encode(errors="replace")) > TEMPLATE_BYTES_MAX:
            raise _failed(f"The template is longer than {TEMPLATE_BYTES_MAX // 1024} KiB.")
        # JSON knows strings, numbers, lists and mappings only, so no object of ours can get to a template.
        request = json.dumps({"template": template, "variables": variables, "is_html": is_html}).encode()
        try:
            answer = json.loads(self._pool.ask(request, retire_above_mib=_RETIRE_ABOVE_MIB))
        except (ChildDied, ChildTimedOut) as failure:
            raise _failed("The template needs more time or memory than a template may have (2 seconds, 256 MiB).") from failure
        if "problem" in answer:
            raise _failed(answer["problem"])
        return str(answer["text"])


def _failed(text: str) -> DomainError:
    return DomainError("template_failed", text, _NEXT_STEP)
