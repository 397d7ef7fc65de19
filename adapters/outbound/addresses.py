"""Whether deliveries may connect to an address, so that nobody's settings reach into the operator's own network.

A name is resolved once, and the caller connects to the address that was checked: a name server that answers differently a
moment later (DNS rebinding) changes nothing. Every address of a name must be allowed, not only the one that is used.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from adapters.outbound.allowed_networks import METADATA, AllowedNetworks
from domain.errors import DomainError, TemporaryFailure

# Other ports are for hosts that the operator named. Plain http has no ports: passwords and invoices would go in clear text.
PORTS: dict[str, frozenset[int]] = {
    "https": frozenset({443, 8443, 9443}),
    "http": frozenset(),
    "sftp": frozenset({22, 2022, 2222, 22022}),
    "ftp": frozenset({21, 990, 2121}),
    "ftps": frozenset({21, 990, 2121}),
}
_DEFAULT_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME_MAX = 253
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_UNICAST = IPv6Network("2000::/3")
_NEXT_STEP = "Correct the address. If it is meant, have the operator name its host or network in BILLHOOK_ALLOWED_NETWORKS."
Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """The part of an http(s) address that says where to connect; ``host`` in lower case ASCII."""

    scheme: str
    host: str
    port: int


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, best first, as the system's resolver tells them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class OutboundAddresses:
    """Checks addresses against what is public and what the operator allows."""

    def __init__(self, allowed: AllowedNetworks, resolver: Resolver = resolve) -> None:
        self._allowed = allowed
        self._resolve = resolver

    def check(self, host: str, port: int, scheme: str) -> str:
        """The address to connect to. ``scheme`` is https, http, sftp, ftp or ftps.

        Raises DomainError("address_refused") where deliveries may not go there, TemporaryFailure where the name cannot be resolved.
        """
        if scheme not in PORTS:
            raise _refused(host, f"{scheme}: is none of {', '.join(PORTS)}")
        name = plain_host(host)
        addresses = self._addresses(name, port)
        for address in addresses:
            reason = self._refusal(name, address)
            if reason:
                raise _refused(host, reason)
        if not self._port_allowed(name, port, scheme, addresses):
            raise _refused(f"{host}:{port}", _port_sentence(port, scheme))
        return str(addresses[0])

    def check_url(self, url: str) -> str:
        """The address to connect to for an http(s) address. Raises as ``check``."""
        place = place_of(url)
        return self.check(place.host, place.port, place.scheme)

    def _addresses(self, name: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        literal = _literal(name)
        if literal is not None:
            return [literal]
        try:
            found = [ip_address(text.partition("%")[0]) for text in self._resolve(name, port)]
        except OSError as error:
            raise TemporaryFailure(f"The host name {name} cannot be resolved: {error}") from error
        if not found:
            raise TemporaryFailure(f"The host name {name} has no address.")
        return found

    def _port_allowed(self, name: str, port: int, scheme: str, addresses: Sequence[IPv4Address | IPv6Address]) -> bool:
        named = self._allowed.names(name) or all(self._allowed.holds(address) for address in addresses)
        return named or port in PORTS[scheme]

    def _refusal(self, name: str, address: IPv4Address | IPv6Address) -> str:
        """Why not; empty where it may be reached."""
        if self._allowed.holds(address):
            return ""
        inner = _embedded(address)
        if inner is not None:
            return f"it leads to {address}, which is another way to write {inner}"
        kind = kind_of(address)
        if self._allowed.names(name) and kind in {"private", "loopback"}:
            return ""
        return f"it leads to {address}, which is {kind}" if kind else ""


def place_of(url: str) -> Place:
    """Where an http(s) address leads. Raises DomainError("address_refused"), also for a user name or password in it.

    The address itself is not repeated in the sentence, since it may hold a secret.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("of the integration", f"it cannot be read ({error})") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise _refused("of the integration", "it must start with https:// and name a host")
    if "@" in parts.netloc or "\\" in url:
        raise _refused(parts.hostname, "it holds a user name, a password or a backslash; log-ins have settings of their own")
    return Place(parts.scheme, plain_host(parts.hostname), port or _DEFAULT_PORTS[parts.scheme])


def plain_host(host: str) -> str:
    """The host in lower case ASCII. Raises DomainError("address_refused") for spellings that hide what is meant (0x7f.1, 2130706433)."""
    try:
        name = host.rstrip(".").encode("idna").decode().lower() if not host.isascii() else host.rstrip(".").lower()
    except UnicodeError:
        raise _refused(host, "it is no host name") from None
    if _literal(name) is not None:
        return name
    if len(name) > _NAME_MAX or not _NAME.fullmatch(name):
        raise _refused(host, "it is no host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise _refused(host, "it is a number and no plain IP address")
    return name


def kind_of(address: IPv4Address | IPv6Address) -> str:
    """What stands against an address, in a word; empty for a public one."""
    if address in _NAT64:
        # A network without IPv4 answers this for any name: what counts is where the packets end.
        return kind_of(IPv4Address(int(address) & 0xFFFFFFFF))
    if address in METADATA:
        return "the metadata service of a cloud"
    for kind, holds in (
        ("loopback", address.is_loopback),
        ("link-local", address.is_link_local),
        ("multicast", address.is_multicast),
        ("reserved", address.is_unspecified or address.is_reserved),
    ):
        if holds:
            return kind
    # Shared address space (100.64.0.0/10, RFC 6598) is neither private nor global to the library.
    public = address.is_global and (isinstance(address, IPv4Address) or address in _UNICAST)
    return "" if public else "private"


def _literal(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name) if "%" not in name else None
    except ValueError:
        return None


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one (mapped, compatible, 6to4, Teredo): the packets may go there."""
    if isinstance(address, IPv4Address):
        return None
    if address in _COMPATIBLE and not (address.is_loopback or address.is_unspecified):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _port_sentence(port: int, scheme: str) -> str:
    usual = sorted(PORTS[scheme])
    if not usual:
        return f"{scheme} sends passwords and documents in clear text"
    return f"port {port} is not usual for {scheme} ({', '.join(map(str, usual))})"


def _refused(what: str, why: str) -> DomainError:
    return DomainError("address_refused", f"Deliveries may not connect to the address {what}: {why}.", _NEXT_STEP)
