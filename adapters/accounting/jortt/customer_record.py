"""A customer as jortt has it (facts: accounting-apis, B3.5). The same party always gives the same record."""

import hashlib
from collections.abc import Mapping
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.jortt.papers import Paper
from adapters.accounting.jortt.texts import NAME_MAX, email_form, folded, folded_name, one_line, without_blanks
from domain.errors import DomainError
from domain.parties import Party

_KEY_LENGTH = 32
_COUNTRY_LENGTH = 2
_ADDRESS = ("address_street", "address_postal_code", "address_city", "address_country_code", "address_extra_information")
_NEEDED = {"address_street": "street", "address_postal_code": "postcode", "address_city": "city"}
_PERSON = ("first_name", "last_name")
# What a change may send back: the rest of an answer is jortt's own.
_WRITABLE = frozenset(
    """is_private customer_name address_street address_postal_code address_city address_country_code address_extra_information shift_vat
    vat_number coc_number salutation initials first_name last_name date_of_birth citizen_service_number attn phonenumber website email
    cc_emails email_salutation additional_information payment_term invoice_language payment_method_invoice reference default_label_id
    default_ledger_account_id default_discount_description default_discount_percentage peppol_scheme_code peppol_identifier""".split()
)
_STEP = "Complete the customer's address in the order or the company, or choose a default_customer"

Fields = dict[str, Any]


def customer_key(party: Party) -> str:
    """Our key for a customer, 35 characters, which is its ``reference`` there: by e-mail and name; without e-mail by name and address.

    The name is a part of it because a mailbox may be shared. Case, spaces, accents and points make no other customer.
    """
    address = party.address
    where = (email_form(party.email),) if email_form(party.email) else (folded(address.line1), folded(address.postcode), address.country)
    text = "\n".join((folded_name(party.name), *where))
    return "bh-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_LENGTH]


def record_of(paper: Paper, overrides: Mapping[str, Any]) -> Fields:
    """The full record for a document's buyer, without what is empty. Raises DomainError with what is missing."""
    party = paper.buyer
    record: Fields = {
        "is_private": not paper.is_company,
        "customer_name": one_line(party.name, NAME_MAX),
        "email": without_blanks(party.email).lower(),
        "reference": customer_key(party),
        **_address(party),
        **(_company(paper) if paper.is_company else _person(party)),
        **overrides,
    }
    _require(record)
    return {name: value for name, value in record.items() if value not in ("", [], None)}


def fingerprint(record: Mapping[str, Any]) -> str:
    """Of what was written last: as long as it is the same, nothing is asked or written. The name spelled otherwise is no change."""
    told = {name: value for name, value in record.items() if name not in _PERSON}
    return hashlib.sha256(exact_json.dumps({**told, "customer_name": folded_name(record["customer_name"])})).hexdigest()[:_KEY_LENGTH]


def merged(current: Mapping[str, Any], record: Mapping[str, Any]) -> Fields:
    """The full record for a change: ours over theirs, since jortt empties what is left out (facts: B3.5).

    What people added in jortt stays: phone, terms, their own reference, the spelling of the name. An address is replaced as a whole.
    """
    kept = {name: value for name, value in current.items() if name in _WRITABLE and value not in ("", [], None)}
    if any(record.get(name) for name in _NEEDED):
        kept = {name: value for name, value in kept.items() if name not in _ADDRESS}
    theirs = _theirs(kept, record)
    if "customer_name" not in theirs:
        kept = {name: value for name, value in kept.items() if name not in _PERSON}
    return {**kept, **{name: value for name, value in record.items() if name not in theirs}}


def is_changed(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether writing it would change anything."""
    return any(current.get(name) != value for name, value in wanted.items())


def split_name(name: str) -> tuple[str, str]:
    """First and last name: the first word, and all others, so that "van der Berg" stays together. One word is a last name."""
    first, _, last = one_line(name, NAME_MAX).partition(" ")
    return (first, last) if last else ("", first)


def _theirs(kept: Mapping[str, Any], record: Mapping[str, Any]) -> frozenset[str]:
    """The fields of ours that do not count over theirs."""
    named = {"reference"} if kept.get("reference") else set()
    if folded_name(kept.get("customer_name")) == folded_name(record["customer_name"]):
        named |= {"customer_name"} | {name for name in _PERSON if kept.get(name)}
    return frozenset(named)


def _address(party: Party) -> Fields:
    address = party.address
    is_code = len(address.country) == _COUNTRY_LENGTH and address.country.isascii() and address.country.isalpha()
    return {
        "address_street": one_line(address.line1, NAME_MAX),
        "address_postal_code": one_line(address.postcode, NAME_MAX),
        "address_city": one_line(address.city, NAME_MAX),
        "address_country_code": address.country.upper() if is_code else "",
        "address_extra_information": one_line(", ".join(filter(None, (address.line2, address.region))), NAME_MAX),
    }


def _company(paper: Paper) -> Fields:
    return {"attn": one_line(paper.buyer.contact, NAME_MAX), "vat_number": paper.buyer.vat_number.strip(), "shift_vat": paper.shifts_vat}


def _person(party: Party) -> Fields:
    return dict(zip(_PERSON, split_name(party.name), strict=True))


def _require(record: Mapping[str, Any]) -> None:
    name = record["customer_name"]
    if not name:
        raise DomainError("customer_name_missing", "The buyer has no name.", _STEP)
    if record["is_private"]:
        return
    missing = [word for field, word in _NEEDED.items() if not record[field]]
    if missing:
        text = f"jortt wants the full address of a company, and {name} has no {' and no '.join(missing)}."
        raise DomainError("customer_address_missing", text, _STEP)
    if record["shift_vat"] and not record["vat_number"]:
        step = "Give the customer's VAT number in the order or the company"
        raise DomainError("vat_number_missing", f"The VAT is shifted to {name}, and jortt wants the VAT number for that.", step)
