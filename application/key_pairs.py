"""Which integrations log in with a key pair, and which of their secrets it is."""

from collections.abc import Mapping
from typing import Final

from application.ports.key_pairs import KeyPairs
from domain.companies.integration import Integration

DECLARED_KEY: Final = "private_key"
# Under a name of its own: a file never names it, an export never asks for it, and a declared key goes before it.
MADE_KEY: Final = "made_private_key"
LOG_INS: Final = frozenset({"password", DECLARED_KEY, MADE_KEY})


def takes_key_pair(integration: Integration) -> bool:
    """Whether the integration speaks SSH."""
    return integration.settings.get("fs_type") == "sftp"


def shown_secret(name: str) -> str:
    """A secret's name as people know it: a key is a private key, whoever made it."""
    return DECLARED_KEY if name == MADE_KEY else name


def needs_password(integration: Integration) -> bool:
    """Whether a password is the only log-in that the integration knows."""
    return integration.settings.get("fs_type") == "ftp"


def public_key(key_pairs: KeyPairs, integration: Integration, secrets: Mapping[str, str | None]) -> str:
    """The line for the partner, of the key the integration logs in with; empty where it has none. Raises Invalid."""
    private_key = secrets.get(DECLARED_KEY) or ("" if secrets.get("password") else secrets.get(MADE_KEY))
    if not takes_key_pair(integration) or not private_key:
        return ""
    return key_pairs.public_line(private_key, f"billhook:{integration.path}")
