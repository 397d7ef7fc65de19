"""Logos: pictures beside the file, kept by their SHA-256."""

import re
from hashlib import sha256
from pathlib import Path

_BYTES_MAX = 512 * 1024
_STORED = re.compile(r"sha256:([0-9a-f]{64})")
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def stored_logo(written: str) -> str | None:
    """The SHA-256 where the file names a logo that is stored already, as exports do."""
    match = _STORED.fullmatch(written)
    return match[1] if match else None


def read_logo(written: str, folder: Path) -> tuple[str, bytes]:
    """SHA-256 and content of a picture. Raises ValueError with a sentence where it is none or too large."""
    path = folder / written
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise ValueError(f"The logo {path} is larger than 512 KiB.")
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"The logo {path} cannot be read: {error.strerror}.") from None
    if not content.startswith(_STARTS) and b"<svg" not in content[:1024].lower():
        raise ValueError(f"The logo {path} is neither PNG, JPEG nor SVG.")
    return sha256(content).hexdigest(), content
