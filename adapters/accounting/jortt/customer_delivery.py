"""A customer by itself, as a flow brings it: found by link or in the list, or made."""

from adapters.accounting.jortt.destination import JorttDestination
from adapters.accounting.jortt.directories import KEPT_S
from adapters.accounting.jortt.matching import match
from adapters.accounting.jortt.papers import paper_of
from application.ports.destination import Consignment, CustomerDocument
from domain.delivery.outcome import Delivered


def write_customer(destination: JorttDestination, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """One that is there is left as it is, unless the source's word counts. Raises DomainError and TemporaryFailure."""
    paper = paper_of(consignment, destination.settings)
    customers = destination.customers
    if not customer.overwrites:
        known = customers.known(paper)
        found = None if known else match(paper.buyer, customers.directories.of(destination.api, KEPT_S))
        if known or found is not None:
            return Delivered(known or (found.customer_id if found else ""), detail="there already, left as it is")
    return Delivered(customers.of(paper, {}), detail="written")
