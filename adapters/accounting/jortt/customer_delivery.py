"""A customer by itself, as a flow brings it: found by link or in the list, or made."""

from adapters.accounting.jortt.destination import JorttDestination
from adapters.accounting.jortt.directories import KEPT_S
from adapters.accounting.jortt.matching import match
from adapters.accounting.jortt.papers import Paper, paper_of
from adapters.accounting.jortt.vats import YOUNG_S
from application.ports.destination import Consignment, CustomerDocument
from domain.delivery.outcome import Delivered
from domain.errors import DomainError


def write_customer(destination: JorttDestination, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """One that is there is left as it is, unless the source's word counts. Raises DomainError and TemporaryFailure."""
    paper = paper_of(consignment, destination.settings)
    customers = destination.customers
    known = customers.known(paper)
    if customer.overwrites and (known or not customer.written_to):
        return Delivered(customers.of(paper, {}), detail="written")
    there = known or _there(destination, paper, customer.written_to)
    if there and not customer.overwrites:
        return Delivered(there, detail="there already, left as it is")
    if not there and customer.overwrites and customers.moved(paper, customer.written_to):
        return Delivered(customer.written_to, detail="written, under another name or e-mail")
    return Delivered(customers.of(paper, {}), detail="written")


def _there(destination: JorttDestination, paper: Paper, before: str) -> str:
    """Another than the record that was theirs before: that one has their mailbox, and may have another name."""
    for max_age_s in (KEPT_S, YOUNG_S):
        entries = [entry for entry in destination.customers.directories.of(destination.api, max_age_s) if entry.customer_id != before]
        try:
            found = match(paper.buyer, entries)
        except DomainError:
            if max_age_s == YOUNG_S:
                raise
        else:
            return "" if found is None else found.customer_id
    return ""
