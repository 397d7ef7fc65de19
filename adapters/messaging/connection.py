"""How every connection of ours to RabbitMQ is set up: named, bounded in time, and noticing a dead peer."""

import os
import socket
from urllib.parse import parse_qs, urlsplit

import pika

# Seconds. The server drops a silent client after two intervals, and the client a silent server after one and a half.
HEARTBEAT_S = 30
# A broker that is away answers at once or never: a scheduler that wants to send a hint must not wait for the second kind.
CONNECT_S = 3
HANDSHAKE_S = 10
# In a memory or disk alarm the broker reads nothing from publishers, which would otherwise wait without end.
BLOCKED_S = 5
# Without it the system keeps sending into a connection whose peer is gone for about fifteen minutes.
UNACKNOWLEDGED_MS = 10_000


def connection_parameters(url: str, role: str) -> list[pika.URLParameters]:
    """Parameters for each node in ``url`` (several are separated by ``;``); the connections are named after ``role``.

    The operator's own ``heartbeat``, ``socket_timeout``, ``stack_timeout``, ``blocked_connection_timeout`` and
    ``tcp_options`` in the query of a URL win. Raises ValueError where a URL is no AMQP URL.
    """
    return [_parameters(one, role) for one in url.split(";")]


def _parameters(url: str, role: str) -> pika.URLParameters:
    parts = urlsplit(url)
    if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise ValueError("A broker URL looks like amqp://user:password@host:5672/vhost")
    ours = {
        "heartbeat": HEARTBEAT_S,
        "socket_timeout": CONNECT_S,
        "stack_timeout": HANDSHAKE_S,
        "blocked_connection_timeout": BLOCKED_S,
        "tcp_options": {"TCP_USER_TIMEOUT": UNACKNOWLEDGED_MS},
    }
    parameters = pika.URLParameters(url)
    theirs = parse_qs(parts.query)
    for name, value in ours.items():
        if name not in theirs:
            setattr(parameters, name, value)
    parameters.client_properties = {"connection_name": f"billhook {role} {socket.gethostname()}:{os.getpid()}"}
    return parameters
