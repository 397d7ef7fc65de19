"""Who buys and who receives, from the fields of a message."""

from functools import lru_cache

from adapters.oms.addresses import country_of, join_address
from adapters.oms.message import OrderMessage, Text
from adapters.oms.values import text
from application.ports.vat_register import VatRegister
from domain.parties import Address, Party

_NO_ADDRESS = Address()


def read_shipping(message: OrderMessage) -> Party:
    """The receiver: the company with the customer as its contact, else the customer."""
    company = text(message.shipping_company)
    person = text(message.customer_name)
    email = text(message.customer_email)
    return Party(name=company or person, address=_shipping_address(message), contact=person if company else "", email=email)


def read_billing(message: OrderMessage, shipping_address: Address, vat_register: VatRegister) -> Party:
    """The buyer. Where the billing fields are empty, the customer's and the shipping address stand in."""
    company = text(message.billing_company)
    person = text(message.billing_customer_name) or text(message.customer_name)
    # Who has a contact is a company: one that names nobody is its own.
    contact = (person or company) if company else ""
    address = _billing_address(message)
    vat_number = text(message.billing_vat_number)
    return Party(
        name=company or person,
        # The second question is the slower one: most goods go to the buyer.
        address=address if address is shipping_address or address != _NO_ADDRESS else shipping_address,
        contact=contact,
        email=text(message.billing_customer_email) or text(message.customer_email),
        vat_number=vat_number,
        vat_number_valid=bool(vat_number) and vat_register.is_valid(vat_number),
    )


def _billing_address(message: OrderMessage) -> Address:
    return _address(
        message.billing_address_1,
        message.billing_address_2,
        message.billing_address_3,
        message.billing_address_4,
        message.billing_address_5,
        message.billing_city,
        message.billing_postcode,
        message.billing_country_code,
        message.billing_country,
    )


def _shipping_address(message: OrderMessage) -> Address:
    return _address(
        message.shipping_address_1,
        message.shipping_address_2,
        message.shipping_address_3,
        message.shipping_address_4,
        message.shipping_address_5,
        message.shipping_city,
        message.shipping_postcode,
        message.shipping_country_code,
        message.shipping_country,
    )


# Most goods go to the buyer: then both addresses of a message are the same. Few are kept, for a text may be as long as a message.
@lru_cache(maxsize=32)
def _address(  # noqa: PLR0913 - the fields of the message one by one, so that the cache can key on them
    first: Text, second: Text, third: Text, fourth: Text, fifth: Text, city: Text, postcode: Text, country_code: Text, country: Text
) -> Address:
    lines = (text(first), text(second), text(third), text(fourth), text(fifth))
    return join_address(lines, text(city), text(postcode), country_of(text(country_code), text(country)))
