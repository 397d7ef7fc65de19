"""Guesses what was meant where a name is unknown."""

from collections.abc import Iterable
from difflib import get_close_matches

_BEGINNING = 3


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence such as ``Did you mean 'layout'?``, or an empty text where nothing is close."""
    meant = closest(name, known)
    return f"Did you mean {meant!r}?" if meant else ""


def closest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, empty where nothing is close."""
    spellings = {candidate.lower(): candidate for candidate in known}
    # Letters that changed places are the commonest slip, and difflib thinks little of it in short names.
    swapped = [spelling for spelling in spellings if sorted(spelling) == sorted(name.lower())]
    # Half a name is no typing error: `date` means `date_format`, though `negate` has more of its letters.
    begun = [spelling for spelling in spellings if len(name) >= _BEGINNING and spelling.startswith(name.lower())]
    close = swapped or (begun if len(begun) == 1 else get_close_matches(name.lower(), spellings, n=1, cutoff=0.6))
    return spellings[close[0]] if close else ""
