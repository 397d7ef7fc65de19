"""Names of dropped files: ours alone, so that nothing in an order can choose a path."""

import re

from application.ports.destination import Consignment, OrderDocument

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PART_MAX = 60


def file_name(consignment: Consignment, ending: str) -> str:
    """``order-17-90001.xml``, ``invoice-acme-print-INV-000001.xml``; the n-th sending a person asked for ends in ``-r<n>``.

    The id or the series and number make it unique; the order's own ref is there for people, cut and with plain characters only.
    """
    document = consignment.document
    if isinstance(document, OrderDocument):
        parts = ["order", str(document.order_id), document.order.ref]
    else:
        parts = [document.draft.type.value, document.admin_company, document.display_number]
    resends = consignment.token.rpartition("-")[2]
    if resends not in {"", "0"}:
        parts.append(f"r{resends}")
    return "-".join(_plain(part) for part in parts) + ending


def _plain(part: str) -> str:
    return _UNSAFE.sub("_", part)[:_PART_MAX].strip(".") or "_"
