"""The settings and log-ins of file drops: what is refused before anything is tried, where, and with which next step."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from adapters.file_drop.keys import generate_private_key, public_key_line
from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company

AT = "companies[777].integrations[generic_filesystem]."
FINGERPRINT = "SHA256:" + "2Yd0" * 10 + "abc"
SFTP = {"fs_type": "sftp", "fs_root": "/orders", "host": "files.example", "username": "acme", "host_key": FINGERPRINT}
FTP = {"fs_type": "ftp", "fs_root": "/orders", "host": "files.example", "username": "acme"}
LOCAL = {"fs_type": "local", "fs_root": "/srv/orders"}


def a_drop(settings: dict[str, Any], **secrets: str | None) -> dict[str, Any]:
    return with_company(integrations=[{"kind": "generic_filesystem", "settings": settings, "secrets": secrets}])


def refusals(settings: dict[str, Any], folder: Path = Path(), **secrets: str | None) -> dict[str, str]:
    """The sentence for each place inside the integration."""
    found = mistakes_in(a_drop(settings, **secrets), folder, {"PASSWORD": "s3same"})
    return {mistake.path.removeprefix(AT): mistake.text for mistake in found}


@pytest.mark.parametrize(
    "host_key",
    ["SHA256:2Yd0…", "MD5:aa:bb", "ssh-ed25519 AAAA", "SHA256:abc", FINGERPRINT[:-1], FINGERPRINT + "Z", "SHA256:" + "!" * 43],
)
def test_what_cannot_be_a_host_key_is_refused(host_key: str) -> None:
    """A copied example too: it would stop the first delivery otherwise."""
    assert "ssh-keyscan files.example" in refusals({**SFTP, "host_key": host_key})["settings.host_key"]


def test_a_host_key_is_a_fingerprint_or_a_public_key() -> None:
    """With or without a host in front."""
    line = public_key_line(generate_private_key())

    for host_key in (FINGERPRINT, FINGERPRINT + "=", line, f"files.example {line}"):
        assert read(a_drop({**SFTP, "host_key": host_key})).configuration.integrations


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("sftp://files.example", "without sftp://"),
        ("files.example/orders", "fs_root"),
        ("files.example:2222", "port"),
        ("acme@files.example", "username"),
        ("files example", "no name"),
    ],
)
def test_a_host_is_a_name_or_an_address_and_nothing_more(host: str, words: str) -> None:
    """The sentence says where the rest belongs."""
    assert words in refusals({**SFTP, "host": host})["settings.host"]


@pytest.mark.parametrize("host", ["files.example", "192.0.2.7", "2001:db8::7", "files_1.internal", "ünder.example"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    """Of both families."""
    assert read(a_drop({**SFTP, "host": host})).configuration.integrations


def test_ftp_has_no_use_for_keys(tmp_path: Path) -> None:
    """Neither the server's nor ours."""
    (tmp_path / "key").write_text(generate_private_key())

    assert refusals({**FTP, "host_key": FINGERPRINT}, tmp_path, private_key="file:key", password="${PASSWORD}").keys() == {
        "settings.host_key",
        "secrets.private_key",
    }


def test_a_local_folder_has_no_log_in() -> None:
    """A password given there is a mistake about the type."""
    assert refusals(LOCAL, password="${PASSWORD}").keys() == {"secrets.password"}


def test_a_key_with_a_passphrase_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    """Take the passphrase off, or have a key made."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "s3same", "-f", tmp_path / "key"], check=True)

    sentence = refusals(SFTP, tmp_path, private_key="file:key")["secrets.private_key"]

    assert "ssh-keygen -p" in sentence
    assert "private_key: null" in sentence
    assert "BEGIN" not in sentence


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    """Its public half, for example."""
    (tmp_path / "key").write_text(public_key_line(generate_private_key()))

    assert "secrets.private_key" in refusals(SFTP, tmp_path, private_key="file:key")


def test_null_asks_for_a_secret_to_be_removed() -> None:
    """It is no secret that is read."""
    declared = read(a_drop(SFTP, private_key=None, password="${PASSWORD}"), environment={"PASSWORD": "s3same"})

    assert declared.secrets["777/generic_filesystem"] == {"private_key": None, "password": "s3same"}


def test_null_needs_the_name_of_a_secret_too() -> None:
    """A slip would remove nothing."""
    assert "Did you mean 'private_key'?" in refusals(SFTP, private_kye=None)["secrets.private_kye"]


def test_all_mistakes_of_an_integration_show_at_once() -> None:
    """Names, values, what a type needs, secrets: one correction is enough."""
    integration = {
        "kind": "generic_filesystem",
        "enabeld": True,
        "settings": {**SFTP, "fs_rot": "/x", "host": "sftp://files.example", "host_key": "MD5:aa", "port": 70_000},
        "secrets": {"pasword": "${X}", "private_key": "inline"},
    }

    found = mistakes_in(with_company(integrations=[integration]))

    assert {mistake.path.removeprefix(AT) for mistake in found} == {
        "enabeld",
        "settings.fs_rot",
        "settings.host",
        "settings.host_key",
        "settings.port",
        "secrets.pasword",
        "secrets.private_key",
    }


def test_a_slip_in_a_name_brings_no_second_mistake() -> None:
    """What was meant is there, and only misspelt."""
    settings = {**SFTP, "hots": "files.example"}
    del settings["host"]

    assert refusals(settings).keys() == {"settings.hots"}


@pytest.mark.parametrize("fs_type", ["sfpt", None])
def test_where_the_type_is_unknown_only_what_is_wrong_for_all_types_is_told(fs_type: str | None) -> None:
    """No guess about what it needs."""
    assert refusals({"fs_type": fs_type, "fs_root": "/orders", "errors_to": "nobody"}).keys() == {"settings.fs_type", "settings.errors_to"}


def test_of_several_drops_the_one_with_the_mistake_is_named() -> None:
    """By the name that it has on the command line, too."""
    drop = {"kind": "generic_filesystem", "settings": LOCAL}
    drops = [drop, {**drop, "name": "inv", "settings": {**LOCAL, "fs_root": "b"}}]

    [mistake] = mistakes_in(with_company(integrations=drops))

    assert mistake.path == "companies[777].integrations[generic_filesystem/inv].settings.fs_root"
