"""Text from outside, made fit for a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents.printable import MAY_BREAK, printable, wrappable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\r\nc", "a b c"),
        ("a\x00\x07\x9fb", "ab"),
        ("100\u202e001\u202c", "100001"),
        ("a\u2028b", "a b"),
        ("e\u0301", "é"),
        ("\ud800", "\ufffd"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("  a  ", "a"),
    ],
)
def test_controls_go_and_letters_stay(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_comes_can_be_encoded_and_has_no_controls(text: str) -> None:
    shown = printable(text)

    assert shown.encode().decode() == shown
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)


@given(st.text(alphabet="abc ", max_size=80))
def test_breaks_are_added_to_long_words_only_and_change_no_letter(text: str) -> None:
    shown = wrappable(text)

    assert shown.replace(MAY_BREAK, "") == printable(text)
    assert (MAY_BREAK in shown) == any(len(word) >= 24 for word in printable(text).split())


def test_a_break_does_not_part_a_letter_from_its_accent() -> None:
    """Not every letter with an accent has a character of its own."""
    pieces = wrappable("q\u0302" * 30).split(MAY_BREAK)

    assert all(piece.startswith("q") for piece in pieces)


def test_text_in_arabic_is_turned_by_itself() -> None:
    assert wrappable("قميص (M)") == "\u2068قميص (M)\u2069"
