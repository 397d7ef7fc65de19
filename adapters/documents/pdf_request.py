"""What the renderer and its child say to one another."""

PDF, BAD_GLYPH, BAD_LOGO, OTHER = b"P", b"G", b"L", b"O"
_NUMBER = 8


def encode_request(texts: str, timestamp: int, logo: bytes) -> bytes:
    """One request. ``timestamp`` is in seconds since 1970 and becomes the date of the PDF."""
    encoded = texts.encode()
    return timestamp.to_bytes(_NUMBER, "big", signed=True) + len(encoded).to_bytes(_NUMBER, "big") + encoded + logo


def decode_request(request: bytes) -> tuple[str, int, bytes]:
    """The three parts again."""
    timestamp = int.from_bytes(request[:_NUMBER], "big", signed=True)
    end = 2 * _NUMBER + int.from_bytes(request[_NUMBER : 2 * _NUMBER], "big")
    return request[2 * _NUMBER : end].decode(), timestamp, request[end:]
