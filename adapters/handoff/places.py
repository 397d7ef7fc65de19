"""Finding values by a path such as ``data.attributes.lines[0].id``."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from domain.errors import Invalid

_STEP = re.compile(r"[^.\[\]]+")
_NAME_IN_BRACES = re.compile(r"\{([^{}]*)\}")


def value_at(document: Any, path: str) -> Any:
    """The value at a path, None where there is nothing. ``[0]`` and ``.0`` are the first of a list."""
    found = document
    for step in _STEP.findall(path):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, Sequence) and not isinstance(found, str | bytes) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def has_value(document: Any, path: str) -> bool:
    """Whether something stands at the path; null, false, nothing and empty texts and lists do not count, zero does."""
    found = value_at(document, path)
    return found is not None and found is not False and found not in ("", [], {})


def filled(template: str, payload: Mapping[str, Any], token: str) -> str:
    """The address with the names in its braces replaced, percent-encoded. Raises Invalid for a name without a value that can stand there.

    An empty one and dots would lead to another address, which may say yes to anything: ``/orders/`` instead of ``/orders/90001``.
    """

    def value_of(found: re.Match[str]) -> str:
        value = token if found[1] == "token" else value_at(payload, found[1])
        if value is None or isinstance(value, Mapping | list | tuple) or not str(value).strip(". "):
            raise Invalid("look_up_url", f"the values have no plain one at {{{found[1]}}}", "Correct look_up_url or the field map.")
        return quote(str(value), safe="")

    return _NAME_IN_BRACES.sub(value_of, template)


def filled_with(template: str, value: str) -> str:
    """The address with the same value in all its braces, to try it."""
    return _NAME_IN_BRACES.sub(quote(value, safe=""), template)
