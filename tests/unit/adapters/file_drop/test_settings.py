from typing import Any

import pytest

from adapters.file_drop.settings import drop_address
from application.ports.file_drop import DropAddress
from domain.errors import Invalid

SFTP: dict[str, Any] = {
    "fs_type": "sftp",
    "fs_root": "/orders",
    "host": "files.example",
    "port": 2222,
    "username": "acme",
    "host_key": "SHA256:x",
}


def test_settings_and_secrets_become_an_address() -> None:
    """Under the names that users of the seed systems know."""
    assert drop_address(SFTP, {"password": "s3cret", "private_key": "key"}) == DropAddress(
        "sftp", "/orders", "files.example", 2222, "acme", "SHA256:x", allow_plain_ftp=False, password="s3cret", private_key="key"
    )


def test_an_address_shows_no_secret() -> None:
    """Not in a log, not in a trace-back."""
    shown = repr(drop_address(SFTP, {"password": "s3cret", "private_key": "k3y"}))

    assert "s3cret" not in shown
    assert "k3y" not in shown


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"fs_type": "smb"}, "fs_type"),
        ({"fs_type": None}, "fs_type"),
        ({"host": ""}, "host"),
        ({"username": None}, "username"),
        ({"fs_root": "/orders\r\nDELE x"}, "fs_root"),
        ({"fs_type": "local", "fs_root": "orders"}, "fs_root"),
        ({"fs_type": "local", "fs_root": ""}, "fs_root"),
    ],
)
def test_a_mistake_is_named_by_its_setting(change: dict[str, Any], path: str) -> None:
    """So that it can be found in the file."""
    with pytest.raises(Invalid) as caught:
        drop_address({**SFTP, **change}, {})

    assert caught.value.path == path
