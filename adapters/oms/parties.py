"""Who buys and who receives, from the fields of a message."""

from adapters.oms.addresses import country_of, join_address
from adapters.oms.message import OrderMessage
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
    address = _billing_address(message)
    vat_number = text(message.billing_vat_number)
    return Party(
        name=company or person,
        address=shipping_address if address == _NO_ADDRESS else address,
        contact=person if company else "",
        email=text(message.billing_customer_email) or text(message.customer_email),
        vat_number=vat_number,
        vat_number_valid=bool(vat_number) and vat_register.is_valid(vat_number),
    )


def _billing_address(message: OrderMessage) -> Address:
    return join_address(
        (
            text(message.billing_address_1),
            text(message.billing_address_2),
            text(message.billing_address_3),
            text(message.billing_address_4),
            text(message.billing_address_5),
        ),
        text(message.billing_city),
        text(message.billing_postcode),
        country_of(text(message.billing_country_code), text(message.billing_country)),
    )


def _shipping_address(message: OrderMessage) -> Address:
    return join_address(
        (
            text(message.shipping_address_1),
            text(message.shipping_address_2),
            text(message.shipping_address_3),
            text(message.shipping_address_4),
            text(message.shipping_address_5),
        ),
        text(message.shipping_city),
        text(message.shipping_postcode),
        country_of(text(message.shipping_country_code), text(message.shipping_country)),
    )
