"""What the operator lets deliveries reach although it is private: ``BILLHOOK_ALLOWED_NETWORKS``."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from domain.errors import DomainError

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# Where clouds hand out credentials to whoever asks (AWS, Google, Azure; AWS over IPv6; Alibaba).
METADATA = frozenset(map(ip_address, ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200")))


@dataclass(frozen=True, slots=True)
class AllowedNetworks:
    """Networks and host names (in lower case) that the operator named."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    def names(self, host: str) -> bool:
        """Whether the operator named the host."""
        return host in self.hosts

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether a named network has the address. A metadata address must be named by itself: a wide network does not mean it."""
        found = [network for network in self.networks if address in network]
        return any(network.num_addresses == 1 for network in found) if address in METADATA else bool(found)


def parse_allowed_networks(text: str) -> AllowedNetworks:
    """Comma separated networks, addresses and host names: ``10.1.0.0/16, fd12::/48, 192.168.0.9, files.internal``.

    Raises DomainError("bad_allowed_networks") with the part that cannot be read.
    """
    networks, hosts = [], set()
    for part in filter(None, (piece.strip().lower() for piece in text.split(","))):
        if "/" in part or ":" in part or not part.rpartition(".")[2].strip("0123456789"):
            networks.append(_network(part))
        elif _NAME.fullmatch(part):
            hosts.add(part)
        else:
            raise _bad(part, "it is no host name")
    return AllowedNetworks(tuple(networks), frozenset(hosts))


def _network(part: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(part)
    except ValueError as error:
        raise _bad(part, str(error)) from None


def _bad(part: str, why: str) -> DomainError:
    return DomainError(
        "bad_allowed_networks",
        f"BILLHOOK_ALLOWED_NETWORKS cannot be read at {part!r}: {why}.",
        "Write networks and host names with commas between, e.g. 10.1.0.0/16,files.internal.",
    )
