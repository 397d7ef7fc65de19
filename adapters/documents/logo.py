"""Logos: told by their content, never by a name or a type that somebody claims."""

from domain.errors import DomainError

BYTES_MAX = 2 * 1024 * 1024
_PIXELS_MAX = 25_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_NEXT_STEP = "Give a PNG, JPEG or SVG of at most 2 MiB as the logo and apply the configuration again."


def logo_suffix(content: bytes) -> str:
    """``png``, ``jpg`` or ``svg``. Raises DomainError("not_renderable") for anything else, and for what is too large."""
    if len(content) > BYTES_MAX:
        raise unreadable_logo(f"it has {len(content):,} bytes")
    if content.startswith(_PNG):
        _check_size(content)
        return "png"
    if content.startswith(_JPEG):
        return "jpg"
    if b"<svg" in content[:4096]:
        return "svg"
    raise unreadable_logo("it is neither PNG nor JPEG nor SVG")


def unreadable_logo(why: str) -> DomainError:
    """The refusal, in words for the person who set the logo."""
    return DomainError("not_renderable", f"The logo cannot be used: {why.strip()}.", _NEXT_STEP)


def _check_size(content: bytes) -> None:
    # Width and height stand at a fixed place in every PNG. A few kilobytes can unpack to gigabytes of pixels.
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    if width * height > _PIXELS_MAX:
        raise unreadable_logo(f"it has {width} x {height} pixels")
