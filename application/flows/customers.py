"""What people changed in a customer, told from what Billhook wrote to it, and whose change counts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from application.configuration import Configuration
from application.flows.message import body_of, plain_message
from application.ports.flows import StoredCustomer
from application.ports.order_translator import OrderTranslators
from application.ports.source import SourceItem
from application.ports.unit_of_work import UnitOfWork
from domain.companies.flow import Conflict, Flow, order_source
from domain.errors import DomainError
from domain.parties import Party

# In the message of a customer: it was known before, and differs now.
CHANGED = "changed_there"


@dataclass(frozen=True, slots=True)
class CustomerEchoes:
    """For flows whose target may be overwritten: a link tells who is ours, and not whether people have changed it since.

    A record that shows all that was written to it last, or is being written, is as Billhook left it. So is one that is linked and was
    never looked at: it came with an order.
    """

    translators: OrderTranslators
    flow: Flow
    under_way: Sequence[Party]

    @classmethod
    def now(cls, uow: UnitOfWork, translators: OrderTranslators, flow: Flow) -> "CustomerEchoes":
        """With what is owed to the source at this moment."""
        return cls(translators, flow, [_party_of(translators, each) for each in uow.flows.customers_under_way(flow.source)])

    def of(self, uow: UnitOfWork, linked: Iterable[str], before: Mapping[str, str], items: Sequence[SourceItem]) -> frozenset[str]:
        """The source's ids of those that are so."""
        written = uow.flows.delivered_customers(self.flow.source, [item.remote_id for item in items]) if items else {}
        return frozenset(
            item.remote_id
            for item in items
            if self._shows_ours(item, written.get(item.remote_id))
            or (item.remote_id in linked and item.key not in before and item.remote_id not in written)
        )

    def _shows_ours(self, item: SourceItem, last: StoredCustomer | None) -> bool:
        ours = [*self.under_way, *([_party_of(self.translators, last)] if last else ())]
        if not ours:
            return False
        try:
            there = self.translators.for_source(self.flow.order_source).translate(body_of(plain_message(self.flow, item))).billing
        except DomainError:
            return False
        return any(_shows(there, each) for each in ours)


def overwrites(flow: Flow | None, body: bytes) -> bool:
    """Whether a version of a customer is written over what the target has. Seeing it for the first time is no change of it."""
    if flow is None or flow.conflicts is Conflict.TARGET:
        return False
    return flow.conflicts is Conflict.SOURCE or json.loads(body).get(CHANGED) is True


def is_overtaken(uow: UnitOfWork, configuration: Configuration, customer: StoredCustomer) -> bool:
    """Whether a change of it on the other side was seen later, and the newest counts."""
    flow = configuration.flows.get(customer.flow)
    if flow is None or flow.conflicts is not Conflict.NEWEST:
        return False
    back = [other.name for other in configuration.flows.values() if flow.is_opposite(other)]
    return uow.flows.is_overtaken(customer, back)


def _party_of(translators: OrderTranslators, customer: StoredCustomer) -> Party:
    return translators.for_source(order_source(customer.flow)).translate(customer.body).billing


def _shows(there: Party, ours: Party) -> bool:
    """Systems cut texts and write them in their own way; what was not given was not written."""
    return all(not wanted or _alike(found, wanted) for found, wanted in zip(_told(there), _told(ours), strict=True))


def _told(party: Party) -> tuple[str, ...]:
    address = party.address
    texts = (party.name, party.email, party.contact, party.vat_number)
    places = (address.line1, address.line2, address.postcode, address.city, address.country)
    return tuple("".join(text.casefold().split()) for text in (*texts, *places))


def _alike(found: str, wanted: str) -> bool:
    return bool(found) and (wanted.startswith(found) or found.startswith(wanted))
