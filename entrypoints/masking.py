"""Hides passwords in what is printed."""

from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

MASK = "***"


def mask_url(text: str) -> str:
    """The address with its password, and query values that may hold one, masked: ``amqp://user:***@host``.

    What is no address stays as it is.
    """
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return text.partition("://")[0] + "://" + MASK
    # A password may hold an "@" that nobody encoded: the host begins after the last one.
    login, at, host = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    netloc = f"{user}{colon and ':' + MASK}{at}{host}"
    query = "&".join(f"{quote(key)}={MASK if _is_secret(key) else quote(value, safe='/:')}" for key, value in parse_qsl(parts.query))
    return urlunsplit((parts.scheme, netloc, parts.path, query, "")) if parts.netloc or query else text


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in ("pass", "key", "secret", "token"))
