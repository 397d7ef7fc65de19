from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import DomainError
from entrypoints.secret_key import key_file, read_secret_key
from entrypoints.settings import Settings


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Another key would make every stored secret unreadable."""
    settings = Settings(data_dir=tmp_path / "data")

    first = read_secret_key(settings)

    assert read_secret_key(settings) == first
    assert len(first) >= 32
    assert key_file(settings).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Whoever is first wins, and nothing else is left in the folder."""
    settings = Settings(data_dir=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_secret_key(settings), range(32)))

    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """With the command that mends it."""
    settings = Settings(data_dir=tmp_path)
    read_secret_key(settings)
    key_file(settings).chmod(0o644)

    with pytest.raises(DomainError) as caught:
        read_secret_key(settings)

    assert caught.value.code == "secret_key_exposed"
    assert "chmod 600" in caught.value.next_step


def test_a_key_that_is_set_needs_no_file(tmp_path: Path) -> None:
    """In a fleet every machine has the same key from its settings."""
    settings = Settings(data_dir=tmp_path, secret_key=SecretStr("x" * 32))

    assert read_secret_key(settings) == "x" * 32
    assert not key_file(settings).exists()
