"""Keys of SSH: pairs that are made for an integration, private keys that are read, host keys that are pinned."""

import base64
import hashlib
import io
import re
from itertools import pairwise

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)
from paramiko.ssh_exception import SSHException

from domain.errors import DomainError, Invalid

# The 32 bytes of a SHA-256, whose last character stands for four bits and so can only be one of sixteen.
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?")
_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


_NO_KEY = (
    "Take the passphrase off with `ssh-keygen -p -N '' -f FILE` and apply; "
    "or have a key made: write `secrets: {private_key: null}` and apply."
)


def generate_private_key() -> str:
    """A new Ed25519 private key in OpenSSH's format. Its public line is what the partner gets."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_key_line(private_key: str, comment: str = "billhook") -> str:
    """The line for the partner's ``authorized_keys``. The key is in OpenSSH's format; raises Invalid where it is not."""
    try:
        public = load_ssh_private_key(private_key.encode(), None).public_key()
        line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    except (ValueError, TypeError) as error:
        raise Invalid("private_key", f"It is no private key in OpenSSH's format without a passphrase: {error}") from error
    return f"{line} {comment}"


def read_private_key(text: str) -> paramiko.PKey:
    """A private key in OpenSSH's or PEM format, without a passphrase. Raises Invalid; the error never shows the key."""
    for kind in _KINDS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (SSHException, ValueError):
            continue
    raise Invalid("private_key", "It is no Ed25519, ECDSA or RSA private key without a passphrase.", _NO_KEY)


def fingerprint(key: bytes) -> str:
    """As ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def pinned_fingerprint(host_key: str) -> str:
    """The fingerprint that a setting pins: given as such, or as a public key's line (with or without a host in front)."""
    words = host_key.split()
    if len(words) == 1 and _FINGERPRINT.fullmatch(words[0]):
        return words[0].rstrip("=")
    for kind, word in pairwise(words):
        if word.startswith("AAAA"):
            try:
                load_ssh_public_key(f"{kind} {word}".encode())
                return fingerprint(base64.b64decode(word, validate=True))
            except (ValueError, UnsupportedAlgorithm):
                break
    raise Invalid(
        "host_key",
        "It is neither a whole fingerprint (SHA256: and 43 characters) nor a public key.",
        "Take it from `ssh-keyscan HOST | ssh-keygen -lf -`.",
    )


def refuse_host_key(host: str, pinned: str, seen: list[str]) -> DomainError:
    """The error that stops a connection before anything about us is told."""
    shown = ", ".join(seen)
    if not pinned:
        return DomainError(
            "host_key_missing",
            f"{host} shows the host key {shown}, and none is pinned. Nothing was sent.",
            f"Ask the partner whether that is their key; if so, set host_key: {seen[0]!r}.",
        )
    return DomainError(
        "host_key_changed",
        f"{host} shows the host key {shown}, but {pinned} is pinned. Nothing was sent.",
        f"Ask the partner whether their key was changed. If so, set host_key: {seen[0]!r}; if not, somebody is in between.",
    )
