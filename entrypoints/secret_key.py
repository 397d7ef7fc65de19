"""The key that stored secrets are encrypted with: the setting, or on the embedded default a file of the machine."""

import os
import secrets
from pathlib import Path

from domain.errors import DomainError
from entrypoints.settings import Settings

_OTHERS_MASK = 0o077


def read_secret_key(settings: Settings) -> str:
    """The key. On the embedded default it is made on first use and kept in ``secret.key`` (mode 0600) in the data folder.

    Raises DomainError("secret_key_exposed") where others on the machine may read the file.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    file = key_file(settings)
    if not file.exists():
        _make(file)
    if file.stat().st_mode & _OTHERS_MASK:
        raise DomainError("secret_key_exposed", f"Other users of this machine may read the key file {file}.", f"Run: chmod 600 {file}")
    return file.read_text(encoding="ascii").strip()


def key_file(settings: Settings) -> Path:
    """Where the key is kept on the embedded default."""
    return settings.data_dir / "secret.key"


def _make(file: Path) -> None:
    """Write the whole key under another name first: a process that dies half-way, or two that start at once, leave one good key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(48) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        _publish(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return  # another process was first, and its key is the one
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
