"""Texts as jortt takes them, and names as they are compared."""

import re
import unicodedata

DESCRIPTION_MAX = 1000
NAME_MAX = 255
_CUT = "…"
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Cs"})


def one_line(text: str, limit: int) -> str:
    """Composed, without control characters, spaces collapsed, no longer than the limit."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(_kept(character) for character in composed)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - len(_CUT)].rstrip() + _CUT


def folded(text: object) -> str:
    """For comparing references and postcodes: case and spaces aside."""
    return " ".join(unicodedata.normalize("NFC", str(text or "")).casefold().split())


def without_blanks(email: object) -> str:
    """A mailbox as it can be written to: no address has a blank in it, nor a sign that cannot be seen."""
    composed = unicodedata.normalize("NFC", str(email or ""))
    return "".join(sign for sign in composed if not sign.isspace() and unicodedata.category(sign) not in _UNSEEN)


def email_form(email: object) -> str:
    """For comparing mailboxes: without case and blanks."""
    return without_blanks(email).casefold()


def folded_name(text: object) -> str:
    """For comparing names: also accents and points aside, so that B.V. is BV and Zoë is Zoe."""
    apart = unicodedata.normalize("NFKD", str(text or "")).casefold()
    plain = "".join(character for character in apart if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w\s]", "", plain).split())


def listed(words: tuple[str, ...], limit: int) -> str:
    """Words with commas between, and how many more there are where not all fit."""
    text = ""
    for place, word in enumerate(words):
        longer = f"{text}, {word}" if text else word
        more = f" (+{len(words) - place})"
        if len(longer) + len(more) > limit:
            return one_line(text + more, limit)
        text = longer
    return one_line(text, limit)


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cs", "Cn"}:
        return ""
    return " " if category in {"Cc", "Zl", "Zp"} else character
