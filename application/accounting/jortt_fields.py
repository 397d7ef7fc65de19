"""The fields of jortt that a field map may give: what is printed, how it is paid, who it is for. Figures are never among them."""

from collections.abc import Mapping
from typing import Final

# Whole numbers and lists are told apart from texts, which the rest is.
TEXT, WHOLE, LIST = "text", "whole", "list"
CUSTOMER, LINES = "customer", "line_items"
OF_DOCUMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("introduction", "remarks", "payment_method", "tradename_id"), TEXT),
    "payment_term": WHOLE,
    "label_ids": LIST,
}
# What an estimate has not.
NOT_OF_ESTIMATES: Final = frozenset({"payment_method", "payment_term", "label_ids"})
OF_CUSTOMERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        """additional_information attn coc_number default_label_id default_ledger_account_id email_salutation first_name initials
        invoice_language last_name payment_method_invoice peppol_identifier peppol_scheme_code phonenumber salutation website""".split(),
        TEXT,
    ),
    "payment_term": WHOLE,
    "cc_emails": LIST,
}
OF_LINES: Final[Mapping[str, str]] = dict.fromkeys(("description", "ledger_account_id"), TEXT)


def is_jortt_field(target: str) -> bool:
    """Whether a field map may have this target: ``NAME`` of the document, ``customer.NAME``, or ``line_items[].NAME``."""
    group, dot, name = target.rpartition(".")
    if target == f"{LINES}[]":
        return True
    known = {"": OF_DOCUMENTS, CUSTOMER: OF_CUSTOMERS, f"{LINES}[]": OF_LINES}.get(group if dot else "", {})
    plain = name.removesuffix("[]")
    return plain in known and (plain == name or known[plain] == LIST)
