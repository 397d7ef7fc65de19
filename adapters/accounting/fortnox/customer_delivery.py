"""A customer by itself, as a flow brings it: found by link or mailbox, or made."""

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import path_of
from adapters.accounting.fortnox.customer_fields import chosen, customer_fields, customer_key, with_email
from adapters.accounting.fortnox.destination import FortnoxDestination
from adapters.accounting.fortnox.overrides import Overrides
from adapters.accounting.fortnox.records import text_of
from adapters.accounting.fortnox.sale import Sale, sale_of
from adapters.accounting.fortnox.texts import without_blanks
from application.ports.destination import Consignment, CustomerDocument
from application.ports.remote_links import RemoteLink
from domain.delivery.outcome import Delivered


def write_customer(destination: FortnoxDestination, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """One that is there is left as it is, unless the source's word counts. Raises DomainError and TemporaryFailure."""
    sale = sale_of(consignment, destination.lane)
    known = destination.customers.known(sale)
    if customer.overwrites and (known or not customer.written_to):
        return Delivered(destination.customers.number_of(sale, Overrides()), detail="written")
    there = known or _there(destination, sale, customer.written_to)
    if there and not customer.overwrites:
        return Delivered(there, detail="there already, left as it is")
    if not there and customer.overwrites and _is_moved(destination, sale, customer.written_to):
        return Delivered(customer.written_to, detail="written, under another name or e-mail")
    return Delivered(destination.customers.number_of(sale, Overrides()), detail="written")


def _is_moved(destination: FortnoxDestination, sale: Sale, number: str) -> bool:
    """Write a customer who goes by another name or e-mail now to the record that was theirs; False where it is not to be had."""
    made = destination.api.put_safely("PUT", path_of("customers", number), "Customer", customer_fields(sale))
    if isinstance(made, Answer):
        return False
    # The next document of theirs finds it by its link.
    link = RemoteLink("customer", customer_key(sale.buyer), number)
    destination.customers.memory.put(destination.api.scope, [link])
    return True


def _there(destination: FortnoxDestination, sale: Sale, before: str) -> str:
    """Another than the record that was theirs before: that one has their mailbox, and may have another name."""
    email = without_blanks(sale.buyer.email)
    asked = list(destination.api.listed("customers", "Customers", {"email": email})) if email else []
    others = [each for each in with_email(asked, email) if text_of(each, "CustomerNumber") != before]
    match = chosen(others, sale.buyer)
    return "" if match is None else text_of(match, "CustomerNumber")
