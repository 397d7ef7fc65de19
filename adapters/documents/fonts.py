"""The fonts of documents: from packages only, so that a document looks the same on every machine."""

from functools import cache
from pathlib import Path

import manimgx_fonts
import manimgx_fonts_cjk
import typst

_LATIN = "Noto Sans"
_LAST = ("Noto Sans Symbols", "Noto Emoji")
# Chinese, Japanese and Korean write the same character differently. The country of the buyer decides whose shape is used.
_CJK_BY_COUNTRY = {"JP": "JP", "KR": "KR", "TW": "TC", "HK": "HK", "MO": "HK"}
_CJK_DEFAULT = "SC"


@cache
def load_fonts() -> typst.Fonts:
    """All fonts of the two packages; read once in a process."""
    folders = [str(Path(str(package.__file__)).parent) for package in (manimgx_fonts, manimgx_fonts_cjk)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def families_for(country: str) -> tuple[str, ...]:
    """The families to try, in order, for a document to this country (ISO 3166 alpha-2)."""
    families = set(load_fonts().families())
    cjk = f"Noto Sans CJK {_CJK_BY_COUNTRY.get(country, _CJK_DEFAULT)}"
    scripts = sorted(family for family in families if "CJK" not in family and family not in {_LATIN, *_LAST})
    return (_LATIN, *scripts, cjk, *_LAST)
