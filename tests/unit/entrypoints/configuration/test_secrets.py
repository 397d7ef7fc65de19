from pathlib import Path

import pytest

from entrypoints.configuration.secrets import placeholder, resolve_secret


def test_a_secret_comes_from_a_variable() -> None:
    """Written ${NAME}."""
    assert resolve_secret("${SFTP_PASSWORD}", Path(), {"SFTP_PASSWORD": "s3same"}) == "s3same"


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    """The line break that editors add at the end is no part of it."""
    (tmp_path / "key").write_text("-----BEGIN KEY-----\nabc\n")

    assert resolve_secret("file:key", tmp_path, {}) == "-----BEGIN KEY-----\nabc"


@pytest.mark.parametrize("environment", [{}, {"SFTP_PASSWORD": ""}])
def test_a_variable_that_is_not_set_is_named(environment: dict[str, str]) -> None:
    """An empty password would be stored otherwise."""
    with pytest.raises(ValueError, match="SFTP_PASSWORD is not set"):
        resolve_secret("${SFTP_PASSWORD}", Path(), environment)


@pytest.mark.parametrize("literal", ["s3same", "$SFTP", "prefix ${SFTP}", "${SFTP}${SFTP}"])
def test_a_literal_is_refused_and_not_repeated(literal: str) -> None:
    """What looks like a secret must not reach a terminal."""
    with pytest.raises(ValueError, match="does not belong in this file") as caught:
        resolve_secret(literal, Path(), {"SFTP": "x"})

    assert literal not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(ValueError, match="No such file"):
        resolve_secret("file:nowhere", tmp_path, {})


def test_the_variable_of_an_export_is_no_setting() -> None:
    """An unknown BILLHOOK_ name would stop the process."""
    assert placeholder("777", "generic_filesystem", "", "password") == "SECRET_777_GENERIC_FILESYSTEM_PASSWORD"
    assert placeholder("photo-gifts", "xero", "main", "client_secret") == "SECRET_PHOTO_GIFTS_XERO_MAIN_CLIENT_SECRET"
