"""Order statuses of the order management system (facts: seed-systems 2.2).

A status is a code where one is public, else a name; both are compared as lower-case text without spaces at the ends.
"""

from functools import cache, lru_cache

# Code to name; the source of both is the vendor's page "order status in OMS reports".
NAMES = {
    0: "Unknown",
    1: "Received",
    2: "Unused",
    4: "In Production",
    8: "Dispatched",
    16: "Reprint",
    32: "QC Query",
    64: "Dispatched (Retailer Notified)",
    128: "Cancelled",
    256: "On Hold",
    512: "Sent to Supplier",
    513: "Received by Supplier",
    515: "Sent to Shipper",
    516: "Received by Shipper",
    517: "Pending Dispatch",
}

DISPATCHED_FAMILY = ("8", "64", "516", "Delivered", "Delivered (Retailer Notified)")
ON_HOLD = ("256", "On Hold (Supplier)")
CANCELLED = ("128", "Refunded", "Returned")

_CODE_BY_NAME = {name.lower(): str(code) for code, name in NAMES.items()}


# Orders repeat the same few statuses.
@lru_cache(maxsize=1024)
def normalise(status: str | int | None) -> str:
    """One spelling for a status: its code where it has one, else its name in lower case."""
    text = str(status if status is not None else "").strip().lower()
    return _CODE_BY_NAME.get(text, text)


@cache
def _normalised(statuses: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalise, statuses))


@lru_cache(maxsize=4096)
def is_one_of(code: int | None, name: str, statuses: tuple[str, ...]) -> bool:
    """Whether an order of this status code or name has one of the statuses."""
    wanted = _normalised(statuses)
    return (code is not None and str(code) in wanted) or normalise(name) in wanted
