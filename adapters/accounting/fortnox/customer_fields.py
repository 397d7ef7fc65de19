"""A buyer as Fortnox's customer, and who is the same (facts: accounting-apis, B2.4, B2.6)."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from adapters.accounting.fortnox.overrides import BLANK
from adapters.accounting.fortnox.records import Record, text_of
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.texts import PERSON_MAX, email_form, one_line, same_form, without_blanks
from domain.errors import DomainError
from domain.parties import Party
from domain.pricing.tax_decision import Regime

_PREFIX = "BH-"
_LETTERS = 10
_ZIP_MAX = 10
_COUNTRY_LETTERS = 2
# A number that was deleted is never free again: so many others are tried.
_NUMBERS_MAX = 3
_VAT_TYPES = {
    Regime.INTRA_COMMUNITY: "EUREVERSEDVAT",
    Regime.DISTANCE_SALE_OSS: "EUVAT",
    Regime.EXPORT: "EXPORT",
}
_OF_THE_FIRST_TIME = ("Name", "Email", "Type", "CustomerNumber", "ExternalReference")


def customer_key(party: Party) -> str:
    """Our key for a customer: mailbox and name, so that a shared mailbox merges nobody; without a mailbox, name and address."""
    address = party.address
    who = email_form(party.email) or "\n".join(map(same_form, (address.line1, address.postcode, address.country)))
    # A name in signs that are neither letters nor digits has no other form.
    name = same_form(party.name) or party.name
    return hashlib.sha256(f"{who}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()


def numbers_of(key: str) -> Iterator[str]:
    """The customer numbers to try, always the same for a key, so that a customer whose answer was lost is found again."""
    first = _PREFIX + base64.b32encode(bytes.fromhex(key)).decode()[:_LETTERS]
    yield first
    yield from (f"{first}-{count}" for count in range(2, _NUMBERS_MAX + 1))


def vat_type_of(regime: Regime) -> str:
    """How Fortnox books sales to the customer. It stands on the customer, not on the document."""
    return _VAT_TYPES.get(regime, "SEVAT")


def customer_fields(sale: Sale) -> dict[str, Any]:
    """All that is known of a buyer; what is empty is left out."""
    party = sale.buyer
    address = party.address
    country = address.country if len(address.country) == _COUNTRY_LETTERS else ""
    fields = {
        "Name": one_line(party.name) or "Customer",
        "Type": "COMPANY" if sale.buys_as_company else "PRIVATE",
        "Email": without_blanks(party.email),
        "Address1": one_line(address.line1),
        "Address2": one_line(address.line2),
        "ZipCode": one_line(address.postcode)[:_ZIP_MAX],
        "City": one_line(address.city),
        "CountryCode": country,
        "VATType": vat_type_of(sale.regime),
        "VATNumber": one_line(party.vat_number),
        "YourReference": contact_of(party),
    }
    return {name: value for name, value in fields.items() if value}


def contact_of(party: Party) -> str:
    """The person at a company; a company without one may be given as its own."""
    return "" if party.contact == party.name else one_line(party.contact, PERSON_MAX)


def changed_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """What is written to a customer that is there: who it is, Fortnox or its people have said."""
    kept = {name: value for name, value in fields.items() if name not in _OF_THE_FIRST_TIME}
    # A second line that is not in the new address would stay from the old one.
    return kept if "Address2" in kept or "Address1" not in kept else {**kept, "Address2": BLANK}


def is_same(record: Record, party: Party) -> bool:
    """Whether a customer there goes by the same name, however it is spelled."""
    return same_form(text_of(record, "Name")) == same_form(party.name)


def with_email(records: Sequence[Record], email: str) -> list[Record]:
    """Those with exactly this mailbox: Fortnox's filter finds it inside others too."""
    return [record for record in records if email_form(text_of(record, "Email")) == email_form(email)]


def chosen(matches: Sequence[Record], party: Party) -> Record | None:
    """The one customer of this mailbox that is meant; None where nobody has it.

    Raises DomainError where people must say: several of one name, or others who share the mailbox.
    """
    same = [record for record in matches if is_same(record, party)]
    if len(same) == 1 or not matches:
        return same[0] if same else None
    them = ", ".join(f"{text_of(each, 'CustomerNumber')} ({text_of(each, 'Name')})" for each in (same or matches)[:5])
    if same:
        text = f"Fortnox has {len(same)} customers named {party.name!r} with the e-mail {party.email}: {them}."
        raise DomainError("customer_ambiguous", text, "Give all but one another e-mail in Fortnox")
    text = f"The e-mail {party.email} of {party.name!r} belongs to another customer in Fortnox: {them}."
    step = "Correct the name in Fortnox if it is the same customer, else add this one there with the same e-mail"
    raise DomainError("customer_shares_email", text, step)
