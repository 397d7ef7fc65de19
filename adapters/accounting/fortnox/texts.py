"""Texts as Fortnox takes them: composed, in the Basic Multilingual Plane, without control characters (code 2000359), and short enough."""

import re
import unicodedata

REFERENCE_MAX = 80
ORDER_NUMBER_MAX = 75
PERSON_MAX = 50
ROW_MAX = 255
TEXT_MAX = 1024
_SPACES = re.compile(r"\s+")
_CUT = "..."
_LAST_OF_THE_PLANE = "\uffff"
# They turn round how the rest of a line is read, or cannot be seen at all; other marks of format belong to a script.
_TURNING = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
# Lone surrogates, noncharacters and private use: no answer could carry them, or nobody could read them.
_LEFT_OUT = frozenset({"Cs", "Cn", "Co"})
_BLANKED = frozenset({"Cc", "Zl", "Zp"})


def one_line(text: str, limit: int = TEXT_MAX) -> str:
    """Spaces collapsed, what Fortnox refuses left out, cut where it is too long."""
    composed = unicodedata.normalize("NFC", text)
    clean = _SPACES.sub(" ", "".join(map(_kept, composed))).strip()
    return clean if len(clean) <= limit else clean[: limit - len(_CUT)].rstrip() + _CUT


def listed(words: tuple[str, ...], limit: int) -> str:
    """Words with commas between, and how many more there are where not all fit."""
    for count in range(len(words), 0, -1):
        more = f" (+{len(words) - count})" if count < len(words) else ""
        text = one_line(", ".join(words[:count]), limit * 2) + more
        if len(text) <= limit:
            return text
    return one_line(", ".join(words), limit)


def same_form(text: str) -> str:
    """What two spellings of one name have in common: letters and digits, without case, accents and spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def without_blanks(email: str) -> str:
    """A mailbox as it can be written to: no address has a blank in it."""
    return "".join(one_line(email).split())


def email_form(email: str) -> str:
    """A mailbox without case and blanks."""
    return without_blanks(email).casefold()


def _kept(sign: str) -> str:
    if sign > _LAST_OF_THE_PLANE or sign in _TURNING:
        return ""
    category = unicodedata.category(sign)
    if category in _BLANKED:
        return " "
    return "" if category in _LEFT_OUT else sign
