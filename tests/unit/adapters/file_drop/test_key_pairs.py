import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.file_drop.key_pairs import SshKeyPairs
from adapters.file_drop.keys import public_key_line
from adapters.file_drop.settings import drop_address
from application.key_pairs import MADE_KEY
from domain.errors import Invalid

SFTP = {"fs_type": "sftp", "fs_root": "/orders", "host": "files.example", "username": "acme"}


def test_a_pair_is_new_each_time_and_its_public_line_is_what_the_partner_gets() -> None:
    """With the comment that says whose it is."""
    first, second = SshKeyPairs().make(), SshKeyPairs().make()

    assert first != second
    assert SshKeyPairs().public_line(first, "billhook:777/sage_csv") == public_key_line(first, "billhook:777/sage_csv")


def test_the_public_line_of_a_pem_key_is_told_too() -> None:
    """Whatever a drop can log in with."""
    pem = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    assert SshKeyPairs().public_line(pem, "who").startswith("ssh-rsa AAAA")


def test_what_is_no_key_is_refused() -> None:
    """Without showing it."""
    with pytest.raises(Invalid) as refused:
        SshKeyPairs().public_line("not a key", "who")

    assert "not a key" not in refused.value.text


@pytest.mark.parametrize(
    ("secrets", "used"),
    [
        ({MADE_KEY: "made"}, ("made", "")),
        ({MADE_KEY: "made", "private_key": "given"}, ("given", "")),
        ({MADE_KEY: "made", "password": "word"}, ("", "word")),
    ],
)
def test_a_log_in_that_was_declared_goes_before_the_key_that_was_made(secrets: dict[str, str], used: tuple[str, str]) -> None:
    """Who declares one means it."""
    address = drop_address(SFTP, secrets)

    assert (address.private_key, address.password) == used
