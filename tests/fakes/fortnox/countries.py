"""Countries as Fortnox calls them: by code for customers, by name in documents."""

from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused

# Code, Swedish, English: a part of the list that Fortnox gave an integrator.
_TABLE = """
AT Österrike:Austria|BE Belgien:Belgium|CH Schweiz:Switzerland|CN Kina:China|CZ Tjeckien:Czech Republic|DE Tyskland:Germany
DK Danmark:Denmark|EE Estland:Estonia|ES Spanien:Spain|FI Finland:Finland|FR Frankrike:France|GB Storbritannien:United Kingdom
IE Irland:Ireland|IT Italien:Italy|JP Japan:Japan|LT Litauen:Lithuania|LU Luxemburg:Luxembourg|LV Lettland:Latvia
NL Nederländerna:Netherlands|NO Norge:Norway|PL Polen:Poland|PT Portugal:Portugal|SE Sverige:Sverige|US USA:United States
"""
_ENTRIES = {entry[:2]: entry[3:].split(":") for row in _TABLE.strip().splitlines() for entry in row.split("|")}
_NAMES = frozenset(name for names in _ENTRIES.values() for name in names)


def swedish_name(code: str) -> str:
    """Of a customer's code."""
    if code not in _ENTRIES:
        raise Refused(UNDOCUMENTED, "Ogiltig landskod.")
    return _ENTRIES[code][0]


def refuse_unknown_country(name: str) -> None:
    """Documents take names in either language; "Sweden" alone is not known, as was reported."""
    if name and name not in _NAMES:
        raise Refused(UNDOCUMENTED, f"Ogiltigt land: {name}.")
