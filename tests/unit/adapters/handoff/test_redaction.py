import base64
from urllib.parse import quote

import pytest

from adapters.handoff.redaction import Redaction

SECRET = "pä ss/wörd+1"


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        "p%C3%A4+ss%2Fw%C3%B6rd%2B1",
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_hidden_in_every_spelling_of_a_request(spelling: str) -> None:
    assert Redaction((SECRET,), "user").hide(f"before {spelling} after") == "before *** after"


def test_a_text_is_cut_after_hiding_so_that_no_half_of_a_secret_is_left() -> None:
    """The secret lies across the place of the cut."""
    text = Redaction(("0123456789" * 10,)).short("x" * 360 + "0123456789" * 10 + "y" * 500)

    assert len(text) == 400
    assert text.startswith("x" * 360 + "***y")


def test_a_secret_inside_a_longer_one_leaves_nothing_of_it() -> None:
    assert Redaction(("abc", "abcdef")).hide("key abcdef") == "key ***"


def test_no_secret_hides_nothing() -> None:
    assert Redaction(("", "")).short("a text\n with\x00 lines ") == "a text with lines"
