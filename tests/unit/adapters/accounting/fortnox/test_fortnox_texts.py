"""Texts, names, mailboxes and article numbers as Fortnox takes them."""

import pytest

from adapters.accounting.fortnox.article_numbers import article_number
from adapters.accounting.fortnox.customer_fields import customer_key, numbers_of
from adapters.accounting.fortnox.texts import email_form, listed, one_line, same_form
from tests.factories import a_party


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("  a \n b\tc ", "a b c"),
        ("cafe\u0301", "café"),
        ("a\x00b\x7fc", "a b c"),
        ("🎁 gift \ud83c", "gift"),
        ("Łódź 東京", "Łódź 東京"),
    ],
)
def test_what_fortnox_refuses_is_left_out(given: str, expected: str) -> None:
    assert one_line(given) == expected


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    assert one_line("abcdefghij", 8) == "abcde..."


def test_a_list_that_does_not_fit_tells_how_many_are_left_out() -> None:
    assert listed(("90001", "90002", "90003"), 18) == "90001, 90002 (+1)"


@pytest.mark.parametrize("other", ["zoe angstrom", "ZOË ÅNGSTRÖM", " Zoë-Ångström ", "Zoe\u0308 A\u030angstro\u0308m"])
def test_spellings_of_one_name_have_one_form(other: str) -> None:
    assert same_form(other) == same_form("Zoë Ångström")


def test_a_mailbox_has_no_case_and_no_blanks() -> None:
    assert email_form(" Zoe@Example.com ") == "zoe@example.com"


def test_names_without_letters_are_not_all_one_customer() -> None:
    """Else everybody with an emoji for a name would be one."""
    assert customer_key(a_party(name="🎁")) != customer_key(a_party(name="🎈"))


def test_a_customer_number_is_always_the_same_for_a_key() -> None:
    key = customer_key(a_party())

    assert list(numbers_of(key)) == list(numbers_of(customer_key(a_party(name="zoe  angstrom", email="ZOE@example.com"))))
    assert len(set(numbers_of(key))) == 3
    assert all(number.startswith("BH-") for number in numbers_of(key))


@pytest.mark.parametrize("sku", ["TEE-BLK-M", "a_b.c+d/e", "ÅÄÖ-1", "x" * 50])
def test_a_sku_that_fortnox_takes_is_the_article_number(sku: str) -> None:
    assert article_number(sku) == sku


def test_skus_that_fortnox_does_not_take_stay_apart() -> None:
    numbers = {article_number(sku) for sku in ("a b", "a*b", "a(b", "x" * 51, "x" * 52, "🎁", "🎈")}

    assert len(numbers) == 7
    assert all(len(number) <= 50 and number.isprintable() and " " not in number for number in numbers)
