"""A customer by itself, as a flow brings it: found by link or mailbox, or made."""

from adapters.accounting.fortnox.customer_fields import chosen, with_email
from adapters.accounting.fortnox.destination import FortnoxDestination
from adapters.accounting.fortnox.overrides import Overrides
from adapters.accounting.fortnox.records import text_of
from adapters.accounting.fortnox.sale import Sale, sale_of
from application.ports.destination import Consignment, CustomerDocument
from domain.delivery.outcome import Delivered


def write_customer(destination: FortnoxDestination, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """One that is there is left as it is, unless the source's word counts. Raises DomainError and TemporaryFailure."""
    sale = sale_of(consignment, destination.lane)
    number = "" if customer.overwrites else destination.customers.known(sale) or _there(destination, sale)
    if number:
        return Delivered(number, detail="there already, left as it is")
    return Delivered(destination.customers.number_of(sale, Overrides()), detail="written")


def _there(destination: FortnoxDestination, sale: Sale) -> str:
    email = sale.buyer.email.strip()
    asked = list(destination.api.listed("customers", "Customers", {"email": email})) if email else []
    match = chosen(with_email(asked, email), sale.buyer)
    return "" if match is None else text_of(match, "CustomerNumber")
