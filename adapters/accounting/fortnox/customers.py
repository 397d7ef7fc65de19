"""Whom a document is for: the customer in Fortnox of each buyer, or one for all.

A link that was kept decides; then the exact mailbox; then a customer is created under a number made of our key. Creating it twice is
impossible: Fortnox takes no number twice, and who comes second finds the first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.customer_fields import (
    changed_fields,
    chosen,
    customer_fields,
    customer_key,
    is_same,
    numbers_of,
    vat_type_of,
    with_email,
)
from adapters.accounting.fortnox.errors import CUSTOMER_CODES, TAKEN, problem_of, refusal
from adapters.accounting.fortnox.overrides import Overrides
from adapters.accounting.fortnox.records import Record, text_of
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import FortnoxSettings
from adapters.accounting.fortnox.texts import email_form, without_blanks
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import DomainError

_CUSTOMER = "customer"
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers of one company, on one visit."""

    api: FortnoxApi
    settings: FortnoxSettings
    memory: RemoteMemory
    _defaults: dict[str, Record] = field(default_factory=dict)

    def number_of(self, sale: Sale, overrides: Overrides) -> str:
        """The customer's number; no call where nothing changed since the last document. Raises DomainError, and what calls raise."""
        if self.settings.default_customer:
            return self._default(sale)
        key = customer_key(sale.buyer)
        fields = overrides.on_customer(customer_fields(sale))
        print_ = hashlib.sha256(exact_json.dumps(fields)).hexdigest()
        link = self.memory.by_key(self.api.scope, _CUSTOMER, [key]).get(key)
        if link is not None and link.fingerprint == print_:
            return link.remote_id
        before = self._changed(link.remote_id, fields) if link else ""
        number = before or self._found(sale, fields) or self._created(key, sale, fields)
        self.memory.put(self.api.scope, [RemoteLink(_CUSTOMER, key, number, print_)])
        return number

    def known(self, sale: Sale) -> str:
        """The number that would be used as far as it is known; empty where the customer is looked for first."""
        if self.settings.default_customer:
            return self.settings.default_customer
        key = customer_key(sale.buyer)
        link = self.memory.by_key(self.api.scope, _CUSTOMER, [key]).get(key)
        return link.remote_id if link else ""

    def forget(self, sale: Sale) -> None:
        """Fortnox does not take this customer any more: it is looked for anew next time."""
        self._defaults.clear()
        self.memory.remove(self.api.scope, _CUSTOMER, customer_key(sale.buyer))

    def default(self) -> Record:
        """The customer that the settings name. Raises DomainError("customer_missing") and ("customer_inactive")."""
        number = self.settings.default_customer
        if number not in self._defaults:
            record = self.api.one(path_of("customers", number), "Customer")
            if record is None:
                step = f"Add it in Fortnox, or correct default_customer of {self.settings.path}"
                raise DomainError("customer_missing", f"Fortnox has no customer {number}.", step)
            self._defaults[number] = _active(record)
        return self._defaults[number]

    def _default(self, sale: Sale) -> str:
        record, wanted = self.default(), vat_type_of(sale.regime)
        booked_as = text_of(record, "VATType") or wanted
        if booked_as != wanted:
            number = self.settings.default_customer
            text = f"{sale.key} is booked as {wanted}, and default_customer {number} is {booked_as} in Fortnox."
            raise DomainError("customer_vat_type", text, f"Leave out default_customer of {self.settings.path}, or enter it by hand")
        return self.settings.default_customer

    def _changed(self, number: str, fields: Mapping[str, Any]) -> str:
        """The number after an update; empty where the customer is gone."""
        made = self.api.put_safely("PUT", path_of("customers", number), "Customer", changed_fields(dict(fields)))
        if isinstance(made, Answer):
            problem = problem_of(made)
            if made.status == _NOT_FOUND or problem.code in CUSTOMER_CODES:
                return ""
            raise refusal(problem, f"the customer {number}")
        _active(made)
        return number

    def _found(self, sale: Sale, fields: Mapping[str, Any]) -> str:
        # A blank within an address is a slip, and the filter would find nobody by it.
        email = without_blanks(sale.buyer.email)
        if not email:
            return ""
        asked = list(self.api.listed("customers", "Customers", {"email": email}))
        match = chosen(with_email(asked, email), sale.buyer)
        return "" if match is None else self._changed(text_of(match, "CustomerNumber"), fields)

    def _created(self, key: str, sale: Sale, fields: Mapping[str, Any]) -> str:
        for number in numbers_of(key):
            made = self.api.put_safely("POST", "/customers", "Customer", {**fields, "CustomerNumber": number})
            if not isinstance(made, Answer):
                return number
            problem = problem_of(made)
            if problem.code != TAKEN:
                raise refusal(problem, f"the customer {sale.buyer.name!r}")
            if self._is_there(number, sale) and self._changed(number, fields):
                return number
        text = f"The customer numbers that Billhook would give {sale.buyer.name!r} are all used up in Fortnox, the first is {number}."
        raise DomainError("customer_number_taken", text, "Add the customer in Fortnox with its e-mail")

    def _is_there(self, number: str, sale: Sale) -> bool:
        """Whether a number that is taken is this buyer's; one that was deleted is nobody's."""
        record = self.api.one(path_of("customers", number), "Customer")
        if record is None:
            return False
        same_box = email_form(text_of(record, "Email")) == email_form(sale.buyer.email)
        return same_box and is_same(record, sale.buyer)


def _active(record: Record) -> Record:
    # A flag that the app may not see says nothing.
    if text_of(record, "Active").lower() == "false":
        name = f"{text_of(record, 'CustomerNumber')} ({text_of(record, 'Name')})"
        raise DomainError("customer_inactive", f"The customer {name} is not active in Fortnox.", "Activate the customer in Fortnox")
    return record
