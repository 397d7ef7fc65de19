"""Text from outside, made fit to be set on a page."""

import re
import unicodedata

# Line breaks and tabs become a blank.
_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# What no page shows: the other controls, the soft hyphen, the byte order mark, and the marks that turn the direction of
# text around, with which 100 can be made to look like 001. Joiners stay: Persian and Indic scripts need them.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LONG_WORD = re.compile(r"[^\s\u2e80-\u9fff\uac00-\ud7af]{24,}")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_PIECE = 6
# A mark for invoice.typ, which makes it a place to break the line. A zero width space would do the same on the page, but
# would come along when somebody copies the SKU or the address out of the PDF.
MAY_BREAK = "\x1f"


def printable(text: str) -> str:
    """Normalised to composed characters, without controls and marks that change the direction of text."""
    text = _SURROGATES.sub("\ufffd", _BLANKS.sub(" ", text))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text)).strip()


def wrappable(text: str) -> str:
    """Printable text in which a word too long for its column may be broken; no hyphen is added, so a SKU stays as it is."""
    text = _LONG_WORD.sub(_with_breaks, printable(text))
    # A text with Arabic or Hebrew in it is turned as a whole, in the direction of its first letter, and turns nothing else.
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text


def _with_breaks(word: re.Match[str]) -> str:
    clusters = re.findall(r".(?:[\u0300-\u036f\u200c\u200d\ufe0e\ufe0f]|\u200d.)*", word.group())
    pieces = ("".join(clusters[start : start + _PIECE]) for start in range(0, len(clusters), _PIECE))
    return MAY_BREAK.join(pieces)
