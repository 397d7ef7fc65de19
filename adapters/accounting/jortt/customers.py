"""Whom a document is for: the default customer, or one for each buyer.

A link that was kept decides; a look-up comes only where there is none. jortt keeps nothing unique, so a customer is looked for in the
full list before one is created, and who is about to create says so first: whoever finds that said looks twice (customer_claims.py).
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi, id_in
from adapters.accounting.jortt.customer_claims import CUSTOMER, CustomerClaims
from adapters.accounting.jortt.customer_record import Fields, customer_key, fingerprint, is_changed, merged, record_of
from adapters.accounting.jortt.directories import KEPT_S, Directories, Entry, entry_of
from adapters.accounting.jortt.errors import CONFLICT, OK, raise_for
from adapters.accounting.jortt.matching import match, named
from adapters.accounting.jortt.papers import Paper
from adapters.accounting.jortt.settings import JorttSettings
from adapters.accounting.jortt.texts import folded
from adapters.accounting.jortt.vats import YOUNG_S, VatLists
from adapters.accounting.vendor_api import Uncertain
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import DomainError, TemporaryFailure
from domain.parties import Party

_DEFAULT = "default_customer"
_UNCERTAIN_S = 30.0
_CONFLICT_S = 0.5
_CONFLICTS_MAX = 3
# How long a search may lag behind is not known.
_LAG_S = 2.0
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers of one organisation for one integration."""

    api: JorttApi
    settings: JorttSettings
    memory: RemoteMemory
    directories: Directories
    vat_lists: VatLists
    sleep: Callable[[float], None]
    visit: str = field(default_factory=lambda: uuid.uuid4().hex)

    def of(self, paper: Paper, overrides: Mapping[str, Any]) -> str:
        """The id of a document's customer, whose record is as the document says.

        Raises DomainError where there is none for this document, and TemporaryFailure.
        """
        if self.settings.default_customer:
            return self.default()
        record = record_of(paper, overrides)
        link = self._link(CUSTOMER, customer_key(paper.buyer))
        if link is not None and (link.fingerprint == fingerprint(record) or self._update(link.remote_id, record)):
            return link.remote_id
        found = self._found(paper.buyer)
        if found is not None:
            if not self._update(found.customer_id, record):
                self.directories.forget(self.api.scope)
                raise TemporaryFailure(f"{found.name} was deleted in jortt just now.", retry_after_s=1)
            return found.customer_id
        return self._created(record)

    def known(self, paper: Paper) -> str:
        """The id that is kept; empty where none is."""
        default = self.settings.default_customer
        link = self._link(_DEFAULT, default) if default else self._link(CUSTOMER, customer_key(paper.buyer))
        return link.remote_id if link else ""

    def moved(self, paper: Paper, customer_id: str) -> bool:
        """Write a customer who goes by another name or e-mail now to the record that was theirs; False where it is gone."""
        self.directories.forget(self.api.scope)
        return self._update(customer_id, record_of(paper, {}))

    def default(self, *, anew: bool = False) -> str:
        """The default customer. Raises DomainError("customer_missing")."""
        wanted = self.settings.default_customer
        link = None if anew else self._link(_DEFAULT, wanted)
        if link is not None:
            return link.remote_id
        found = self._in_directory(lambda entries: named(wanted, entries))
        self.memory.put(self.api.scope, [RemoteLink(_DEFAULT, wanted, found.customer_id)])
        return found.customer_id

    def forget(self, paper: Paper) -> None:
        """It does not take this customer any more: look for it anew next time."""
        default = self.settings.default_customer
        self.vat_lists.forget(self.api.scope, self.known(paper))
        self.memory.remove(self.api.scope, *((_DEFAULT, default) if default else (CUSTOMER, customer_key(paper.buyer))))
        self.directories.forget(self.api.scope)

    def _link(self, type_: str, key: str) -> RemoteLink | None:
        return self.memory.by_key(self.api.scope, type_, [key]).get(key)

    def _found(self, party: Party) -> Entry | None:
        key = customer_key(party)
        begun = self._claims().is_begun(key)
        if begun:
            # One may have been created without an answer: the list must be newer than that.
            self.directories.forget(self.api.scope)
        found = self._in_directory(lambda entries: match(party, entries))
        if found is not None or not begun:
            return found
        self.sleep(_LAG_S)
        return self._searched(key)

    def _searched(self, key: str) -> Entry | None:
        records = [record for page in self.api.pages("/customers", {"query": key}) for record in page]
        return next((entry_of(record) for record in records if folded(record.get("reference")) == key), None)

    def _in_directory(self, choose: Callable[[Sequence[Entry]], _Found]) -> _Found:
        try:
            return choose(self.directories.of(self.api, KEPT_S))
        except DomainError:
            return choose(self.directories.of(self.api, YOUNG_S))

    def _created(self, record: Fields) -> str:
        key = str(record["reference"])
        claims = self._claims()
        if meanwhile := claims.claim(key):
            return meanwhile
        try:
            answer = self.api.write("POST", "/customers", record)
        except Uncertain as uncertain:
            claims.give_up(key)
            raise TemporaryFailure(f"It is not certain whether a customer was created: {uncertain.reason}", _UNCERTAIN_S) from uncertain
        if answer.status not in OK:
            claims.end(key)
        if answer.status == CONFLICT:
            raise TemporaryFailure("jortt is changing its customers just now.", retry_after_s=1)
        raise_for(answer)
        customer_id = id_in(answer)
        if not customer_id:
            claims.give_up(key)
            raise TemporaryFailure(f"jortt's answer about a new customer cannot be read: {answer.shown()}", _UNCERTAIN_S)
        self._keep(customer_id, key, record)
        claims.end(key)
        self.directories.add(self.api.scope, customer_id, record)
        return customer_id

    def _update(self, customer_id: str, record: Fields) -> bool:
        """Make the record there as ours says; False where it is gone. Writing it twice is the same as once."""
        for _ in range(_CONFLICTS_MAX):
            current = self.api.read(f"/customers/{customer_id}")
            if current is None:
                self.memory.remove(self.api.scope, CUSTOMER, str(record["reference"]))
                return False
            wanted = merged(current, record)
            if not is_changed(current, wanted):
                break
            answer = self._put(customer_id, wanted)
            if answer.status != CONFLICT:
                raise_for(answer)
                self.vat_lists.forget(self.api.scope, customer_id)
                break
            self.sleep(_CONFLICT_S)
        else:
            raise TemporaryFailure("Somebody is changing the customer in jortt.", retry_after_s=5)
        self._keep(customer_id, str(record["reference"]), record)
        return True

    def _claims(self) -> CustomerClaims:
        return CustomerClaims(self.memory, lambda: self.api.scope, self.visit)

    def _put(self, customer_id: str, wanted: Fields) -> Answer:
        try:
            return self.api.write("PUT", f"/customers/{customer_id}", wanted)
        except Uncertain as uncertain:
            raise TemporaryFailure(f"It is not certain whether a customer was changed: {uncertain.reason}") from uncertain

    def _keep(self, customer_id: str, key: str, record: Fields) -> None:
        self.memory.put(self.api.scope, [RemoteLink(CUSTOMER, key, customer_id, fingerprint(record))])
