"""Whom each document was sent to, kept to compare it with Xero's books later.

Where the books show another contact, somebody moved the document there, and that is told. It is in order only where the documents of the
same buyer go to that contact by now, or where Xero merged the one contact into the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.chart import text_of
from adapters.accounting.xero.remote_documents import Kind, Record, contact_of
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import DomainError

_TYPE = "billed_to"
# Merges are few. Beyond so many, contacts are told as they are, rather than that comparing takes the calls of the day.
_ASKED_MAX = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that is there. ``link`` is the type and key of the link by which its buyer is known."""

    number: str
    contact_id: str
    link: tuple[str, str]


@dataclass(frozen=True, slots=True)
class BilledTo:
    """Of one visit to one organisation."""

    api: XeroApi
    memory: RemoteMemory
    _merged: dict[str, str] = field(default_factory=dict)

    def keep(self, kind: Kind, documents: Sequence[Sent]) -> None:
        """Remember them, all at once. Where the process dies before, their contacts are not compared."""
        links = [RemoteLink(_TYPE, _key(kind, each.number), each.contact_id, " ".join(each.link)) for each in documents if each.contact_id]
        self.memory.put(self.api.scope, links)

    def moved(self, kind: Kind, records: Sequence[Record]) -> Mapping[str, str]:
        """By number, what there is to tell of those that are with somebody else now. Asks as one that can wait."""
        links = self.memory.by_key(self.api.scope, _TYPE, [_key(kind, text_of(record, kind.number_name)) for record in records])
        told = {}
        for record in records:
            number = text_of(record, kind.number_name)
            link, contact = links.get(_key(kind, number)), contact_of(record)
            there = text_of(contact, "ContactID")
            if link is not None and there and not self._is_same(link, there):
                told[number] = f"contact {text_of(contact, 'Name') or there} there, {_named(link)} here"
        return told

    def _is_same(self, link: RemoteLink, there: str) -> bool:
        sent_to = link.remote_id
        if there.lower() == sent_to.lower():
            return True
        type_, _, key = link.fingerprint.partition(" ")
        by_now = self.memory.by_key(self.api.scope, type_, [key]).get(key)
        return (by_now is not None and there.lower() == by_now.remote_id.lower()) or there.lower() == self._merged_into(sent_to).lower()

    def _merged_into(self, contact_id: str) -> str:
        """The contact that one became a part of; empty where it did not, or where that is not known."""
        if contact_id not in self._merged and len(self._merged) < _ASKED_MAX:
            try:
                found = self.api.records("Contacts", f"/Contacts/{contact_id}", can_wait=True)
            except DomainError as error:
                if error.code != "scope_missing":
                    raise
                found = []
            self._merged[contact_id] = text_of(next(iter(found), {}), "MergedToContactID")
        return self._merged.get(contact_id, "")


def _key(kind: Kind, number: str) -> str:
    return f"{kind.plural} {number}"


def _named(link: RemoteLink) -> str:
    """The contact by the name that the settings have for it; customers go by a key that says nothing to people."""
    type_, _, key = link.fingerprint.partition(" ")
    return key if type_ == "contact_name" else "another"
