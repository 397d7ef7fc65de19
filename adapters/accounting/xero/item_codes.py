"""Our SKUs as codes of items, which have at most 30 characters (facts: accounting-apis, B1.13)."""

import hashlib

from adapters.accounting.xero.texts import one_line

_CODE_MAX = 30
_DIGEST = 8


def item_code(sku: str) -> str:
    """The SKU where it fits; a longer one is cut and ends in a hash of the whole, so that no two become the same."""
    code = one_line(sku, len(sku) + 1)
    if len(code) <= _CODE_MAX and code == sku:
        return code
    digest = hashlib.sha256(sku.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{code[: _CODE_MAX - _DIGEST - 1].rstrip()}~{digest}"
