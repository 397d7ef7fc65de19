"""Text from outside as a cell that a spreadsheet shows, and never runs (CWE-1236)."""

import re

_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]+")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# The wide forms too: some spreadsheets take them for the plain ones.
_FORMULA = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20]")


def cell(text: str) -> str:
    """One line of text without controls; an apostrophe goes before what would begin a formula.

    Tabs and line breaks become blanks, so a row of the file is one line, and none can stand in front of a formula.
    """
    line = _BREAKS.sub(" ", _SURROGATES.sub("", text)).strip()
    return f"'{line}" if _FORMULA.match(line) else line
