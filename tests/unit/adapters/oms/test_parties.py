"""Who buys: the company with its contact, or a person."""

import pytest

from adapters.oms.message import OrderMessage
from adapters.oms.parties import read_billing, read_shipping
from adapters.vat_register.vat_register import ChecksumVatRegister
from domain.parties import Address

GOODS_TO = Address(line1="Hamnvägen 9", city="Malmö", country="SE")


@pytest.mark.parametrize(
    ("fields", "name", "contact"),
    [
        ({"billing_company": "Nordbutik AB", "billing_customer_name": "Åsa Öberg"}, "Nordbutik AB", "Åsa Öberg"),
        ({"billing_company": "Nordbutik AB", "customer_name": "Åsa Öberg"}, "Nordbutik AB", "Åsa Öberg"),
        ({"billing_company": "Nordbutik AB"}, "Nordbutik AB", "Nordbutik AB"),
        ({"billing_customer_name": "Åsa Öberg"}, "Åsa Öberg", ""),
        ({"customer_name": "Åsa Öberg"}, "Åsa Öberg", ""),
    ],
    ids=["company with a contact", "company and customer", "company that names nobody", "person", "customer"],
)
def test_who_has_a_contact_is_a_company(fields: dict[str, str], name: str, contact: str) -> None:
    """So a company that names nobody is its own."""
    buyer = read_billing(OrderMessage(**fields), GOODS_TO, ChecksumVatRegister())

    assert (buyer.name, buyer.contact) == (name, contact)


def test_without_an_address_of_its_own_a_bill_goes_where_the_goods_go() -> None:
    """One word of an address is one."""
    register = ChecksumVatRegister()

    assert read_billing(OrderMessage(customer_name="Åsa Öberg"), GOODS_TO, register).address == GOODS_TO
    assert read_billing(OrderMessage(billing_city="Kiruna"), GOODS_TO, register).address == Address(city="Kiruna")


@pytest.mark.parametrize(("number", "is_valid"), [("SE556036079301", True), ("SE556036079302", False), ("", False)])
def test_the_register_judges_the_vat_number(number: str, is_valid: bool) -> None:
    """No number is no valid one."""
    buyer = read_billing(OrderMessage(billing_vat_number=number), GOODS_TO, ChecksumVatRegister())

    assert (buyer.vat_number, buyer.vat_number_valid) == (number, is_valid)


def test_who_receives_is_the_company_of_the_delivery_or_the_customer() -> None:
    """A company has the customer as its contact."""
    at_work = read_shipping(OrderMessage(shipping_company="Lager AB", customer_name="Åsa Öberg", customer_email="asa@example.com"))
    at_home = read_shipping(OrderMessage(customer_name="Åsa Öberg"))

    assert (at_work.name, at_work.contact, at_work.email) == ("Lager AB", "Åsa Öberg", "asa@example.com")
    assert (at_home.name, at_home.contact) == ("Åsa Öberg", "")
