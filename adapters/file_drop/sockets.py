"""TCP connections to addresses that were checked."""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from domain.errors import TemporaryFailure

Resolve = Callable[[str, int], str]
"""Host and port to the IP address to connect to, checked against the rules for outgoing connections; may raise DomainError."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for the TCP connection, for greeting and keys, for the log-in, for each answer after that."""

    connect_s: float = 15
    greeting_s: float = 15
    login_s: float = 30
    answer_s: float = 60
    keep_alive_s: int = 20


def resolve_by_system(host: str, port: int) -> str:
    """The first address that the system's resolver gives."""
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise TemporaryFailure(f"The host {host} has no address: {error}") from error


def connect(host: str, port: int, resolve: Resolve, timeout_s: float) -> socket.socket:
    """A connection to the checked address. Raises TemporaryFailure."""
    address = resolve(host, port)
    try:
        connected = socket.create_connection((address, port), timeout_s)
    except OSError as error:
        raise TemporaryFailure(f"{host}:{port} cannot be reached: {error}") from error
    # Requests are small and sent in bursts; waiting for the answer to the first would cost 40 ms each time.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def reset(connected: socket.socket | None) -> None:
    """Hang up and throw away what was not sent yet: a rename that the kernel sends minutes later could meet the next upload."""
    if connected is not None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            connected.close()
