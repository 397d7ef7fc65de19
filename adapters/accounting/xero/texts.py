"""Texts as Xero takes them: composed, without control characters, and no longer than the field (facts: accounting-apis, B1.10, B1.11)."""

import re
import unicodedata

from domain.invoicing.document import Issued

NAME_MAX = 255
NUMBER_MAX = 255
REFERENCE_MAX = 255
DESCRIPTION_MAX = 4000
_SPACES = re.compile(r"\s+")
_CUT = "…"


def one_line(text: str, limit: int) -> str:
    """Spaces collapsed, the rest as ``paragraph``."""
    return _cut(_SPACES.sub(" ", _printable(text, keep_lines=False)).strip(), limit)


def paragraph(text: str, limit: int = DESCRIPTION_MAX) -> str:
    """Lines kept. Control characters, lone surrogates and noncharacters are left out: no answer of Xero's could carry them."""
    return _cut(_printable(text.replace("\r\n", "\n").replace("\r", "\n"), keep_lines=True).strip(), limit)


def contact_name(text: str, suffix: str = "") -> str:
    """A name Xero takes: without ``<`` and ``>`` and double spaces; ``suffix`` is never cut."""
    plain = one_line(text.replace("<", " ").replace(">", " "), NAME_MAX - len(suffix))
    return f"{plain or 'Customer'}{suffix}"


def listed(words: tuple[str, ...], limit: int) -> str:
    """Words with commas between, and how many more there are where not all fit."""
    for count in range(len(words), 0, -1):
        more = f" (+{len(words) - count})" if count < len(words) else ""
        text = one_line(", ".join(words[:count]), limit * 2) + more
        if len(text) <= limit:
            return text
    return one_line(", ".join(words), limit)


def reference_of(document: Issued) -> str:
    """The orders, and before them the invoice that a credit note corrects."""
    draft = document.draft
    orders = listed(tuple(order.ref for order in draft.orders), REFERENCE_MAX)
    return one_line(f"{draft.corrects}: {orders}" if draft.corrects else orders, REFERENCE_MAX)


def _printable(text: str, *, keep_lines: bool) -> str:
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed
    return "".join(map(_kept_with_lines if keep_lines else _kept, composed))


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cs", "Cn"}:
        return ""
    return " " if category in {"Cc", "Zl", "Zp"} else character


def _kept_with_lines(character: str) -> str:
    return "\n" if character == "\n" else _kept(character)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)].rstrip() + _CUT
