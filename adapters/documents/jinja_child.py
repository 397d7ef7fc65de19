"""The child of templates.py: renders one template after the other inside Jinja's sandbox."""

import json
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from adapters.documents.child_side import Limits, serve

OUTPUT_CHARACTERS_MAX = 512 * 1024
_LIMITS = Limits(cpu_s=2, wall_s=2, memory_mib=256)
# Left out: what makes long texts of short ones (center, format, indent), what is not the same twice (random), and what
# reaches for attributes (attr, map by attribute is guarded by the sandbox).
_FILTERS = frozenset(
    "abs batch capitalize count d default dictsort e escape first float forceescape groupby int items join last length list lower map max "
    "min reject rejectattr replace reverse round safe select selectattr slice sort string striptags sum title trim truncate unique upper "
    "urlencode wordcount".split()
)
_UNKNOWN = re.compile(r"'(?P<name>\w+)' is undefined$|has no attribute '(?P<attribute>\w+)'$")


class _Unknown(StrictUndefined):
    """Fails also where it is printed inside a list: a mail must never say "[Undefined]"."""

    __slots__ = ()
    __repr__ = StrictUndefined.__str__


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=_Unknown, autoescape=autoescape, loader=None, cache_size=0)
    environment.globals.clear()
    environment.filters = {name: function for name, function in environment.filters.items() if name in _FILTERS}
    return environment


_ENVIRONMENTS = {is_html: _environment(autoescape=is_html) for is_html in (False, True)}


@lru_cache(maxsize=64)
def _compiled(template: str, is_html: bool) -> Template:  # noqa: FBT001 - half of the cache's key
    return _ENVIRONMENTS[is_html].from_string(template)


def answer(request: bytes) -> bytes:
    """A rendered template as ``{"text"}``, or the sentence about what is wrong with it as ``{"problem"}``."""
    wanted = json.loads(request)
    try:
        return json.dumps({"text": _render(wanted["template"], wanted["variables"], wanted["is_html"])}).encode()
    except Exception as error:  # noqa: BLE001 - whatever a user's template raises is the template's fault
        return json.dumps({"problem": _sentence(error, wanted["variables"])}).encode()


def _render(template: str, variables: Mapping[str, Any], is_html: bool) -> str:  # noqa: FBT001 - as above
    return "".join(_capped(_compiled(template, is_html).generate(variables)))


def _capped(pieces: Iterable[str]) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > OUTPUT_CHARACTERS_MAX:
            raise OverflowError(f"the text grows longer than {OUTPUT_CHARACTERS_MAX // 1024} KiB")
        yield piece


def _sentence(error: Exception, variables: Mapping[str, Any]) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"Line {error.lineno} of the template: {error.message}"
    if isinstance(error, UndefinedError):
        what = _about_unknown(str(error), variables)
    elif isinstance(error, MemoryError):
        what = "it needs too much memory"
    elif isinstance(error, RecursionError):
        what = "it calls itself without an end, or is nested too deeply"
    else:
        what = str(error) or type(error).__name__
    line = _line(error)
    return f"Line {line} of the template: {what}" if line else f"The template fails: {what}"


def _about_unknown(message: str, variables: Mapping[str, Any]) -> str:
    found = _UNKNOWN.search(message)
    if found is None:
        return message
    unknown = found["name"] or found["attribute"]
    similar = get_close_matches(unknown, sorted(set(_names(variables))), n=1)
    hint = f"; did you mean {similar[0]!r}?" if similar else ""
    return f"there is no variable {unknown!r}{hint}"


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list) and value:
        yield from _names(value[0])


def _line(error: Exception) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else None


if __name__ == "__main__":
    serve(answer, _LIMITS)
