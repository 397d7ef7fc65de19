"""An SSH connection whose server was recognised before anything about us was told."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko
from paramiko.ssh_exception import AuthenticationException, IncompatiblePeer, SSHException

from adapters.file_drop.keys import fingerprint, pinned_fingerprint, read_private_key, refuse_host_key
from adapters.file_drop.sftp_client import PipelinedSftpClient
from adapters.file_drop.sockets import Resolve, Timeouts, connect, reset
from adapters.file_drop.wire import described
from application.ports.file_drop import DropAddress
from domain.errors import DomainError, TemporaryFailure

# What paramiko reports is in our own errors; without a handler it would print trace-backs beside them.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

SSH_PORT = 22
_KINDS_MAX = 4
"""Host keys of other kinds that are asked for: Ed25519, ECDSA, RSA and one to spare."""


def open_sftp(address: DropAddress, resolve: Resolve, timeouts: Timeouts) -> tuple[PipelinedSftpClient, socket.socket]:
    """Connect, compare the host key, log in, start SFTP."""
    where = f"{address.host}:{address.port or SSH_PORT}"
    transport, connected = _recognised(address, resolve, timeouts)
    try:
        with _as_failures(where):
            _log_in(transport, address)
            transport.set_keepalive(timeouts.keep_alive_s)
            return _start(transport, timeouts), connected
    except BaseException:
        transport.close()
        reset(connected)
        raise


def _recognised(address: DropAddress, resolve: Resolve, timeouts: Timeouts) -> tuple[paramiko.Transport, socket.socket]:
    """A fingerprint does not tell its key's kind, and a server may have several keys: the others are asked for before saying no."""
    pinned = pinned_fingerprint(address.host_key) if address.host_key else ""
    seen: list[str] = []
    kinds_seen: set[str] = set()
    for _ in range(_KINDS_MAX):
        try:
            transport, connected, key = _shake_hands(address, resolve, timeouts, kinds_seen)
        except IncompatiblePeer:
            break
        shown = fingerprint(key.asbytes())
        if shown == pinned:
            return transport, connected
        transport.close()
        reset(connected)
        seen.append(shown)
        kinds_seen.add(key.get_name())
        if not pinned:
            break
    raise refuse_host_key(address.host, pinned, seen)


def _shake_hands(
    address: DropAddress, resolve: Resolve, timeouts: Timeouts, kinds_seen: set[str]
) -> tuple[paramiko.Transport, socket.socket, paramiko.PKey]:
    port = address.port or SSH_PORT
    where = f"{address.host}:{port}"
    connected = connect(address.host, port, resolve, timeouts.connect_s)
    try:
        transport = paramiko.Transport(connected)
        transport.banner_timeout = timeouts.greeting_s
        transport.handshake_timeout = timeouts.greeting_s
        transport.auth_timeout = timeouts.login_s
        transport.channel_timeout = timeouts.answer_s
        options = transport.get_security_options()
        options.key_types = tuple(kind for kind in options.key_types if _family(kind) not in map(_family, kinds_seen))
        with _as_failures(where, passing=IncompatiblePeer if kinds_seen else None):
            key = _introduction(transport, timeouts.greeting_s)
    except BaseException:
        reset(connected)
        raise
    return transport, connected, key


def _introduction(transport: paramiko.Transport, timeout_s: float) -> paramiko.PKey:
    transport.start_client(timeout=timeout_s)
    if not transport.initial_kex_done:  # at its time limit paramiko returns without a word
        raise TimeoutError("the server did not introduce itself in time")
    return transport.get_remote_server_key()


def _family(kind: str) -> str:
    """RSA keys have several names, by the hash of the signature."""
    return "rsa" if "rsa" in kind else kind


_WRONG_LOG_IN = (
    "Correct the username or the password and apply. Or log in with a key alone: write `secrets: {password: null}` and apply, "
    "then give the partner the public key that `billhook integrations show` prints."
)
_WRONG_KEY = "Correct the username, or give the partner the public key that `billhook integrations show` prints."


def _log_in(transport: paramiko.Transport, address: DropAddress) -> None:
    """With the key where there is one, else or then with the password."""
    ways: list[tuple[str, Callable[[], object]]] = []
    if address.private_key:
        key = read_private_key(address.private_key)
        ways.append(("the key", lambda: transport.auth_publickey(address.username, key)))
    if address.password:
        ways.append(("the password", lambda: transport.auth_password(address.username, address.password)))
    refusals = []
    for name, log_in in ways:
        try:
            log_in()
        except AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error):  # no answer at all, though paramiko gives it the same class
                raise TemporaryFailure(f"{address.host} did not answer the log-in with {name}: {error}") from error
            refusals.append(f"{name} ({error})")
        else:
            return
    tried = " and ".join(refusals) or "a log-in without key and password"
    raise DomainError(
        "login_refused",
        f"{address.host} refused {tried} of {address.username!r}.",
        _WRONG_LOG_IN if address.password else _WRONG_KEY,
    )


def _start(transport: paramiko.Transport, timeouts: Timeouts) -> PipelinedSftpClient:
    channel = transport.open_session(timeout=timeouts.answer_s)
    channel.settimeout(timeouts.answer_s)
    channel.invoke_subsystem("sftp")
    return PipelinedSftpClient(channel)


@contextmanager
def _as_failures(where: str, passing: type[Exception] | None = None) -> Iterator[None]:
    """What goes wrong between two machines is temporary; a refusal is not."""
    try:
        yield
    except (OSError, EOFError, SSHException) as error:
        if passing is not None and isinstance(error, passing):
            raise
        raise TemporaryFailure(f"The SSH connection to {where} could not be made: {described(error)}") from error
