"""SKUs as article numbers: at most 50 letters, digits and ``- _ . + /`` (facts: accounting-apis, B2.7; the signs are our reading)."""

import hashlib
import re
import unicodedata

_LENGTH_MAX = 50
_SUFFIX = 7
_ODD = re.compile(r"[^A-Za-z0-9ÅÄÖåäö\-_.+/]+")


def article_number(sku: str) -> str:
    """The SKU where Fortnox takes it as it is; else with odd signs replaced, and a piece of its hash so that no two become one."""
    composed = unicodedata.normalize("NFC", sku).strip()
    plain = _ODD.sub("-", composed)
    if plain == composed and len(plain) <= _LENGTH_MAX:
        return plain
    suffix = "-" + hashlib.sha256(sku.encode("utf-8", "surrogatepass")).hexdigest()[: _SUFFIX - 1]
    return plain[: _LENGTH_MAX - _SUFFIX].strip("-") + suffix
