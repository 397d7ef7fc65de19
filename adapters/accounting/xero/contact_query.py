"""Questions for contacts. Xero compares without case and accents, so what it finds is compared again here (facts: B1.10, C.18)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

# Xero takes no other characters in an address; quotes and backslashes could end the text inside the filter.
_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_EMAIL_MAX = 255
_UNSAFE = frozenset('"\\')


def email_question(email: str) -> Mapping[str, str] | None:
    """The filter for an address; None where Xero can hold no such address."""
    return {"where": f'EmailAddress=="{email}"'} if is_plain_email(email) else None


def is_plain_email(email: str) -> bool:
    """Whether Xero takes the address: no umlauts, no quotes."""
    return len(email) <= _EMAIL_MAX and bool(_PLAIN_EMAIL.fullmatch(email))


def name_question(name: str) -> Mapping[str, str]:
    """The filter for a name. One with a quote or a backslash is searched for, which finds more and is then compared."""
    if _UNSAFE & set(name):
        return {"searchTerm": max(re.split(r'["\\]+', name), key=len).strip()}
    return {"where": f'Name=="{name}"'}


def with_email(contacts: Sequence[Mapping[str, Any]], email: str) -> list[Mapping[str, Any]]:
    """Those that have exactly this address, case aside."""
    return [contact for contact in contacts if is_usable(contact) and _folded(contact.get("EmailAddress")) == _folded(email)]


def with_name(contacts: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """Those that have exactly this name; where none has, those that differ only in case and spaces."""
    usable = [contact for contact in contacts if is_usable(contact)]
    exact = [contact for contact in usable if str(contact.get("Name") or "") == name]
    return exact or [contact for contact in usable if _folded(contact.get("Name")) == _folded(name)]


def is_usable(contact: Mapping[str, Any]) -> bool:
    """Not archived, not erased, not merged into another."""
    return contact.get("ContactStatus") in {None, "", "ACTIVE"} and not contact.get("MergedToContactID")


def _folded(text: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text or "")).casefold().split())
