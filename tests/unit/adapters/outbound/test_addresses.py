"""Where deliveries may go: the corpus of ways to reach inside."""

from ipaddress import ip_address

import pytest

from adapters.outbound.addresses import OutboundAddresses, kind_of, place_of
from adapters.outbound.allowed_networks import AllowedNetworks, parse_allowed_networks
from domain.errors import DomainError, TemporaryFailure


def answering(*addresses: str):
    """A resolver that knows these addresses for every name."""
    return lambda host, port: list(addresses)


def refusal(host: str, allowed: str = "", scheme: str = "https", port: int = 443, addresses: tuple[str, ...] = ()) -> DomainError:
    """The error of a check that must fail."""
    with pytest.raises(DomainError) as caught:
        OutboundAddresses(parse_allowed_networks(allowed), answering(*addresses)).check(host, port, scheme)
    assert caught.value.code == "address_refused"
    return caught.value


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104 - an address to be refused
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "169.254.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fd00:ec2::254",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "5f00::1",
    ],
)
def test_no_address_inside_is_reached(host: str) -> None:
    """Written plainly, and as an answer of the name server."""
    by_itself = refusal(host)
    resolved = refusal("files.example", addresses=(host,))

    assert host in by_itself.text
    assert "files.example" in resolved.text
    assert "BILLHOOK_ALLOWED_NETWORKS" in resolved.next_step


@pytest.mark.parametrize(
    "host",
    ["0x7f.1", "127.1", "2130706433", "0177.0.0.1", "0x7f000001", "1", "127.0.0.1.", "127。0。0。1", "①②⑦.0.0.1", "0x", "1.2.3.4.5"],
)
@pytest.mark.parametrize("allowed", ["", "127.0.0.0/8"])
def test_odd_spellings_of_an_address_are_refused_before_anybody_resolves_them(host: str, allowed: str) -> None:
    """Libraries do not agree on what they mean. Where loopback is allowed, a spelling that ends as the plain one is no disguise."""
    addresses = OutboundAddresses(parse_allowed_networks(allowed), answering("8.8.8.8"))
    if allowed and host in {"127.0.0.1.", "127。0。0。1", "①②⑦.0.0.1"}:
        assert addresses.check(host, 443, "https") == "127.0.0.1"
        return

    with pytest.raises(DomainError) as caught:
        addresses.check(host, 443, "https")

    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "host", ["", "a b", "-a.example", "a..example", "a" * 64 + ".example", "a.example/path", "a.example:443", "a\n.example", "x@y"]
)
def test_what_is_no_host_name_is_refused(host: str) -> None:
    refusal(host, addresses=("8.8.8.8",))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_returned_as_it_was_checked(address: str) -> None:
    """Also behind NAT64, where a public name resolves to a prefix of the network's own."""
    checked = OutboundAddresses(AllowedNetworks(), answering(address)).check("api.partner.example", 443, "https")

    assert checked == address


def test_a_name_is_resolved_once_so_that_a_second_answer_changes_nothing() -> None:
    """DNS rebinding: the first answer is public, the next is loopback."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked = []

    def rebinding(host: str, port: int):
        asked.append(host)
        return next(answers)

    checked = OutboundAddresses(AllowedNetworks(), rebinding).check("rebind.example", 443, "https")

    assert (checked, asked) == ("93.184.216.34", ["rebind.example"])


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    refused = refusal("mixed.example", addresses=("93.184.216.34", "10.0.0.5"))

    assert "10.0.0.5" in refused.text


def test_the_operator_allows_a_network_by_its_addresses_on_any_port() -> None:
    addresses = OutboundAddresses(parse_allowed_networks("10.1.0.0/16, fd12::/48"), answering("10.1.2.3"))

    assert addresses.check("files.internal", 8222, "sftp") == "10.1.2.3"
    assert addresses.check("fd12::7", 80, "http") == "fd12::7"


def test_the_operator_allows_a_host_by_its_name() -> None:
    """Its private addresses then are no objection; metadata addresses still are."""
    inside = OutboundAddresses(parse_allowed_networks("files.internal"), answering("192.168.7.7"))
    astray = OutboundAddresses(parse_allowed_networks("files.internal"), answering("169.254.169.254"))

    assert inside.check("Files.Internal.", 80, "http") == "192.168.7.7"
    with pytest.raises(DomainError, match="metadata"):
        astray.check("files.internal", 80, "http")
    with pytest.raises(DomainError):
        inside.check("other.internal", 443, "https")


def test_a_wide_network_does_not_open_the_metadata_service() -> None:
    """It has to be named by itself."""
    refusal("169.254.169.254", allowed="169.254.0.0/16,0.0.0.0/0")
    alone = OutboundAddresses(parse_allowed_networks("169.254.169.254"))

    assert alone.check("169.254.169.254", 80, "http") == "169.254.169.254"


@pytest.mark.parametrize(
    ("scheme", "port", "said"),
    [
        ("https", 6379, "not usual"),
        ("sftp", 5432, "not usual"),
        ("http", 80, "clear text"),
        ("gopher", 70, "none of"),
        ("file", 1, "none of"),
    ],
)
def test_other_schemes_and_ports_are_refused(scheme: str, port: int, said: str) -> None:
    refused = refusal("api.partner.example", scheme=scheme, port=port, addresses=("93.184.216.34",))

    assert said in refused.text


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret-word@api.partner.example/",
        "https://user@api.partner.example/",
        "https://api.partner.example\\@127.0.0.1/",
        "ftp://api.partner.example/",
        "https:///orders",
        "https://api.partner.example:99999/",
        "https://[::1/",
        "file:///etc/passwd",
        "orders",
    ],
)
def test_addresses_with_a_user_name_and_broken_ones_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(DomainError) as caught:
        place_of(url)

    assert caught.value.code == "address_refused"
    assert "secret-word" not in caught.value.text


def test_an_address_tells_where_it_leads() -> None:
    place = place_of("https://API.Partner.example./orders?x=1")

    assert (place.scheme, place.host, place.port) == ("https", "api.partner.example", 443)


def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    def unknown(host: str, port: int):
        raise OSError("Name or service not known")

    with pytest.raises(TemporaryFailure, match="cannot be resolved"):
        OutboundAddresses(AllowedNetworks(), unknown).check("nowhere.example", 443, "https")
    with pytest.raises(TemporaryFailure, match="no address"):
        OutboundAddresses(AllowedNetworks(), answering()).check("nowhere.example", 443, "https")


def test_the_operators_list_may_be_empty() -> None:
    assert parse_allowed_networks(" , ") == AllowedNetworks()


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "300.1.1.1", "a b", "files.internal,-x", "::1/129", "*.internal"])
def test_a_mistake_in_the_operators_list_is_named(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_allowed_networks(text)

    assert caught.value.code == "bad_allowed_networks"


def test_a_public_address_has_no_objection() -> None:
    assert kind_of(ip_address("8.8.8.8")) == ""
