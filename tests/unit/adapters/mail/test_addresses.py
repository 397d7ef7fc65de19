"""Mail addresses as people write them."""

import pytest

from adapters.mail.addresses import Sender, parse_address, parse_addresses, parse_sender
from domain.errors import DomainError


@pytest.mark.parametrize(
    "text", ["a@x.example,b@y.example", "a@x.example, b@y.example", " a@x.example ,, b@y.example ,", "a@x.example,b@y.example,A@X.example"]
)
def test_a_list_is_separated_by_commas_and_each_counts_once(text: str) -> None:
    """Seed 002: comma separated with no space; people write one all the same."""
    assert {address.lower() for address in parse_addresses(text)} == {"a@x.example", "b@y.example"}


def test_an_empty_list_has_no_addresses() -> None:
    assert parse_addresses("") == ()


def test_a_domain_outside_ascii_is_written_in_ascii() -> None:
    assert parse_address("info@bücher.example") == "info@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        *("plain", "@x.example", "a@", "a b@x.example", "a@x..example", ".a@x.example", "a..b@x.example", "a@-x.example"),
        *("a@x.example\nBcc: b@y.example", "a@x.example\x00", "ä@x.example", "=?utf-8?q?a?=@x.example", "a@x.example;b@y.example"),
        *("x" * 65 + "@x.example", "a@" + "x." * 130 + "example", "<a@x.example>"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parse_address(text)

    assert refusal.value.code == "bad_address"
    assert refusal.value.next_step


def test_more_than_fifty_addresses_are_refused() -> None:
    with pytest.raises(DomainError, match="51 addresses"):
        parse_addresses(",".join(f"a{number}@x.example" for number in range(51)))


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("accounts@acme.example", Sender("", "accounts@acme.example")),
        ("ACME Accounts <accounts@acme.example>", Sender("ACME Accounts", "accounts@acme.example")),
        ('"ACME, Ltd" <accounts@acme.example>', Sender("ACME, Ltd", "accounts@acme.example")),
    ],
)
def test_a_sender_may_have_a_name(text: str, sender: Sender) -> None:
    assert parse_sender(text) == sender
    assert sender.domain == "acme.example"
