import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.xero.item_codes import item_code
from adapters.accounting.xero.look_ups import following
from adapters.accounting.xero.texts import contact_name, listed, one_line, paragraph

ANY = st.text(max_size=500)


@given(ANY)
def test_a_name_is_always_one_that_xero_takes(text: str) -> None:
    name = contact_name(text, " [0123abcd]")

    assert 0 < len(name) <= 255
    assert name.endswith(" [0123abcd]")
    assert not set("<>") & set(name)
    assert name == " ".join(name.split())


@given(ANY, st.integers(5, 300))
def test_a_text_fits_and_has_no_control_characters(text: str, limit: int) -> None:
    for cleaned in (one_line(text, limit), paragraph(text, limit)):
        assert len(cleaned) <= limit
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in cleaned if char != "\n")
        cleaned.encode()


def test_letters_are_composed_and_lines_kept() -> None:
    assert paragraph("Zoe\u0308\r\nA\u030angstro\u0308m") == "Zoë\nÅngström"


@given(st.lists(st.text("0123456789", min_size=1, max_size=12), max_size=60))
def test_a_list_that_is_too_long_says_how_many_more_there_are(words: list[str]) -> None:
    text = listed(tuple(words), 100)

    shown = text.partition(" (+")[0].split(", ") if text else []
    assert len(text) <= 100
    assert shown == words[: len(shown)]
    if len(shown) < len(words):
        assert text.endswith(f"(+{len(words) - len(shown)})")


@given(st.lists(st.text(min_size=1, max_size=80), max_size=20, unique=True))
def test_codes_of_items_fit_and_stay_different(skus: list[str]) -> None:
    codes = [item_code(sku) for sku in skus]

    assert all(0 < len(code) <= 30 for code in codes)
    assert len(set(codes)) == len(skus)
    assert codes == [item_code(sku) for sku in skus]


def test_the_numbers_that_follow_keep_their_width() -> None:
    assert following("INV-0098/26B", 2) == ["INV-0098/27B", "INV-0098/28B"]
    assert following("INV-000099", 2) == ["INV-000100", "INV-000101"]
    assert following("INV", 2) == []
