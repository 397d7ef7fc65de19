"""Whom a document is for: one contact by its name, or one for each customer.

A link that was kept decides; a look-up comes only where there is none. A customer without one is looked for by e-mail, and created where
Xero has nobody. Creating cannot happen twice: the ContactNumber is our key for the customer, and Xero keeps it unique. So where an answer
was lost, or another worker was faster, Xero refuses the second one, and the first is found by that number (facts: B1.7, B1.10).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.vendor_api import Uncertain
from adapters.accounting.xero.api import REFUSED, XeroApi, about_documents, elements_of
from adapters.accounting.xero.complaints import is_refused, messages_in, refused
from adapters.accounting.xero.contact_query import email_question, is_plain_email, is_usable, name_question, with_email, with_name
from adapters.accounting.xero.idempotency import IdempotencyKeys
from adapters.accounting.xero.settings import XeroSettings
from adapters.accounting.xero.texts import contact_name, one_line
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import Issued
from domain.parties import Party

_BY_NAME, _CUSTOMER = "contact_name", "contact"
_BATCH = 50
# From so many unknown customers on, reading all contacts costs fewer calls than asking for each.
_MANY = 4
_PAGES_MAX = 5
_KEY_LENGTH = 32
_LINE_MAX, _CITY_MAX, _POSTCODE_MAX, _NUMBER_MAX = 500, 255, 50, 50

Found = Mapping[str, str | DomainError]


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of one organisation for one integration."""

    api: XeroApi
    settings: XeroSettings
    memory: RemoteMemory
    keys: IdempotencyKeys

    def of(self, documents: Sequence[Issued]) -> list[str | DomainError]:
        """The ContactID for each document, or why there is none. Raises what calls raise."""
        if not self.settings.bills_customers:
            try:
                only: str | DomainError = self.named(self.settings.contact_name)
            except DomainError as error:
                if error.code not in {"contact_missing", "contact_ambiguous"}:
                    raise
                only = error
            return [only] * len(documents)
        parties = {customer_key(document.draft.buyer): document.draft.buyer for document in documents}
        found = self._customers(parties)
        return [found[customer_key(document.draft.buyer)] for document in documents]

    def known(self, document: Issued) -> str:
        """The ContactID that is kept for a document's buyer; empty where none is."""
        type_, key = self.link_of(document)
        link = self.memory.by_key(self.api.scope, type_, [key]).get(key)
        return link.remote_id if link else ""

    def forget(self, documents: Iterable[Issued]) -> None:
        """Xero does not take these contacts any more: look for them anew next time."""
        for type_, key in {self.link_of(document) for document in documents}:
            self.memory.remove(self.api.scope, type_, key)
            # Within its six minutes Xero would answer with the contact as it was created.
            self.keys.spend("contacts", [key])

    def named(self, name: str) -> str:
        """The one active contact of this name. Raises DomainError("contact_missing") and ("contact_ambiguous")."""
        link = self.memory.by_key(self.api.scope, _BY_NAME, [name]).get(name)
        return link.remote_id if link else self.looked_up(name)

    def looked_up(self, name: str) -> str:
        """The same, asked anew and kept."""
        found = with_name(self.api.records("Contacts", params=name_question(name)), name) if name else []
        if len(found) != 1:
            raise self._not_one(name, found)
        self._keep(_BY_NAME, {name: str(found[0]["ContactID"])})
        return str(found[0]["ContactID"])

    def _not_one(self, name: str, found: Sequence[Mapping[str, Any]]) -> DomainError:
        where = f"contact_name of {self.settings.path}"
        if not name:
            return DomainError("contact_missing", f"{where} is empty.", f"Write the name of the contact in Xero to {where}")
        if not found:
            step = f"Add it in Xero (Contacts), or correct {where}"
            return DomainError("contact_missing", f"Xero has no active contact named {name!r}.", step)
        step = f"Give the others another name in Xero, or correct {where}"
        return DomainError("contact_ambiguous", f"Xero has {len(found)} contacts named {name!r}.", step)

    def link_of(self, document: Issued) -> tuple[str, str]:
        """Type and key of the link by which a document's buyer is known."""
        if self.settings.bills_customers:
            return _CUSTOMER, customer_key(document.draft.buyer)
        return _BY_NAME, self.settings.contact_name

    def _keep(self, type_: str, ids: Mapping[str, str]) -> None:
        self.memory.put(self.api.scope, [RemoteLink(type_, key, contact_id) for key, contact_id in ids.items()])

    def _customers(self, parties: Mapping[str, Party]) -> Found:
        links = self.memory.by_key(self.api.scope, _CUSTOMER, list(parties))
        found: dict[str, str | DomainError] = {key: link.remote_id for key, link in links.items()}
        unknown = {key: party for key, party in parties.items() if key not in found}
        found |= self._by_email(unknown)
        found |= self._created({key: party for key, party in unknown.items() if key not in found})
        self._keep(_CUSTOMER, {key: each for key, each in found.items() if isinstance(each, str) and key in unknown})
        return found

    def _by_email(self, parties: Mapping[str, Party]) -> dict[str, str | DomainError]:
        askable = {key: party.email for key, party in parties.items() if is_plain_email(party.email)}
        everybody = self._everybody() if len(askable) >= _MANY else None
        found: dict[str, str | DomainError] = {}
        for key, email in askable.items():
            matches = with_email(everybody if everybody is not None else self._asked(email), email)
            ours = [contact for contact in matches if contact.get("ContactNumber") == key] or matches
            if len(ours) > 1:
                names = ", ".join(str(contact.get("Name")) for contact in ours[:5])
                text = f"Xero has {len(ours)} contacts with the e-mail {email}: {names}."
                found[key] = DomainError("contact_ambiguous", text, "Merge them in Xero, or give the others another e-mail")
            elif ours:
                found[key] = str(ours[0]["ContactID"])
        return found

    def _asked(self, email: str) -> list[dict[str, Any]]:
        try:
            return self.api.records("Contacts", params=email_question(email))
        except DomainError as error:
            if error.code != REFUSED:
                raise
            # A question that Xero does not take must not stop the whole lane: whoever it was for becomes a contact of our own.
            return []

    def _everybody(self) -> list[dict[str, Any]] | None:
        """All contacts; None where they are too many to read, and asking for each is cheaper."""
        everybody: list[dict[str, Any]] = []
        for number, page in enumerate(self.api.pages("Contacts", params={"summaryOnly": "true"}), 1):
            everybody += page
            if number == _PAGES_MAX:
                return None
        return everybody

    def _created(self, parties: Mapping[str, Party]) -> Found:
        created: dict[str, str | DomainError] = {}
        keys = list(parties)
        for start in range(0, len(keys), _BATCH):
            created |= self._create({key: parties[key] for key in keys[start : start + _BATCH]})
        return created

    def _create(self, parties: Mapping[str, Party]) -> Found:
        body = exact_json.dumps({"Contacts": [new_contact(key, party) for key, party in parties.items()]})
        key = self.keys.key("contacts", list(parties), body)
        try:
            answer = self.api.put("/Contacts", body, key, params={"summarizeErrors": "false"})
        except Uncertain as uncertain:
            self.keys.spend("contacts", list(parties) if uncertain.status else [])
            raise TemporaryFailure(f"It is not certain whether contacts were created: {uncertain.reason}", retry_after_s=30) from uncertain
        try:
            self.api.require(answer, "/Contacts")
        except DomainError as error:
            return dict.fromkeys(parties, about_documents(error))
        elements = elements_of(answer.json(), "Contacts")
        by_number = {str(element.get("ContactNumber")): element for element in elements}
        return {key: self._settled(key, by_number.get(key)) for key in parties}

    def _settled(self, key: str, element: Mapping[str, Any] | None) -> str | DomainError:
        if element is not None and not is_refused(element):
            return str(element["ContactID"])
        ours = next(iter(self.api.records("Contacts", f"/Contacts/{key}")), None)
        if ours is not None and ours.get("MergedToContactID"):
            return str(ours["MergedToContactID"])
        if ours is not None and is_usable(ours):
            return str(ours["ContactID"])
        self.keys.spend("contacts", [key])
        outcome = refused(messages_in(element), fallback="Xero did not create the contact and gave no reason.")
        return DomainError(outcome.code, outcome.text, outcome.next_step.partition(", then: ")[0])


def customer_key(party: Party) -> str:
    """Our key for a customer, 35 characters: by the e-mail, and without one by name and address."""
    address = party.address
    facts = (party.email,) if party.email else (party.name, address.line1, address.postcode, address.country)
    text = "\n".join(" ".join(fact.casefold().split()) for fact in facts)
    return "bh-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_LENGTH]


def new_contact(key: str, party: Party) -> dict[str, Any]:
    """A contact to be. Its name ends in a piece of the key, since Xero takes no name twice and customers share theirs."""
    address = party.address
    # POBOX is what Xero prints on documents; the country takes letters only, so the code goes there (facts: B1.10).
    postal = {
        "AddressType": "POBOX",
        "AddressLine1": one_line(address.line1, _LINE_MAX),
        "AddressLine2": one_line(address.line2, _LINE_MAX),
        "City": one_line(address.city, _CITY_MAX),
        "Region": one_line(address.region, _CITY_MAX),
        "PostalCode": one_line(address.postcode, _POSTCODE_MAX),
        "Country": address.country if address.country.isascii() and address.country.isalpha() else "",
    }
    contact: dict[str, Any] = {"Name": contact_name(party.name, f" [{key[3:11]}]"), "ContactNumber": key}
    if is_plain_email(party.email):
        contact["EmailAddress"] = party.email
    if 0 < len(party.vat_number) <= _NUMBER_MAX:
        contact["TaxNumber"] = party.vat_number
    return contact | {"Addresses": [{name: text for name, text in postal.items() if text}]}
