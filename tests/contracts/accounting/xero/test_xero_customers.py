"""Customers as contacts: found, created, and never twice."""

from dataclasses import replace
from uuid import UUID

import pytest

from domain.delivery.outcome import Delivered, Refused
from domain.errors import TemporaryFailure
from tests.contracts.accounting.xero.house import XeroHouse, a_customers_invoice, all_delivered
from tests.factories import a_party
from tests.fakes.xero import faults


@pytest.fixture
def shop(house: XeroHouse) -> XeroHouse:
    """Bills its customers."""
    house.bills_customers = True
    return house


def customers(shop: XeroHouse) -> list[dict]:
    """The contacts that were created."""
    return [contact for contact in shop.organisation.contacts if contact.get("ContactNumber")]


def test_a_new_customer_is_created_with_our_key_and_found_next_time(shop: XeroHouse) -> None:
    assert all_delivered(shop.deliver(a_customers_invoice(1)))
    assert all_delivered(shop.deliver(a_customers_invoice(2)))

    [contact] = customers(shop)
    assert contact["Name"].startswith("Zoë Ångström [")
    assert contact["EmailAddress"] == "zoe@example.com"
    assert contact["Addresses"][0]["Country"] == "GB"
    assert {invoice["Contact"]["ContactID"] for invoice in shop.organisation.invoices} == {contact["ContactID"]}
    assert shop.xero.calls.by_path()["GET /Contacts"] == 1


def test_a_customer_whom_xero_knows_by_e_mail_is_taken(shop: XeroHouse) -> None:
    shop.organisation.add_contact("Z. Angstrom", EmailAddress="Zoe@Example.com")

    assert all_delivered(shop.deliver(a_customers_invoice()))

    assert shop.invoice()["Contact"]["Name"] == "Z. Angstrom"
    assert customers(shop) == []


def test_an_e_mail_that_differs_only_in_an_accent_is_somebody_else(shop: XeroHouse) -> None:
    """Xero compares without accents; we do not."""
    shop.organisation.add_contact("Another", EmailAddress="zoé@example.com")

    assert all_delivered(shop.deliver(a_customers_invoice()))

    assert len(customers(shop)) == 1


def test_two_contacts_with_the_e_mail_are_left_to_a_person(shop: XeroHouse) -> None:
    for name in ("One", "Two"):
        shop.organisation.add_contact(name, EmailAddress="zoe@example.com")

    [outcome] = shop.deliver(a_customers_invoice())

    assert isinstance(outcome, Refused)
    assert outcome.code == "contact_ambiguous"
    assert "One, Two" in outcome.text


@pytest.mark.parametrize(
    "email", ["zoë@example.com", 'zo"e@example.com', "zo\\e@example.com", '" OR Name=="Gift Shop Ltd', "", "x" * 250 + "@example.com"]
)
def test_an_e_mail_that_xero_cannot_hold_is_left_out_and_never_gets_into_a_filter(shop: XeroHouse, email: str) -> None:
    assert all_delivered(shop.deliver(a_customers_invoice(billing=a_party(email=email))))

    [contact] = customers(shop)
    assert not contact.get("EmailAddress")
    assert not any("where" in call.query for call in shop.xero.calls.of("GET", "/Contacts"))


@pytest.mark.parametrize("name", ["<script>", "  Two  Spaces ", "x" * 400, "🎁 Gifts\x00\x07", "", "Gift Shop Ltd"])
def test_any_name_becomes_one_that_xero_takes(shop: XeroHouse, name: str) -> None:
    assert all_delivered(shop.deliver(a_customers_invoice(billing=a_party(name=name))))

    assert len(customers(shop)) == 1


@pytest.mark.parametrize("committed", [True, False])
def test_a_contact_whose_creation_was_not_answered_is_not_created_twice(shop: XeroHouse, committed: bool) -> None:
    fault = replace(faults.create_then_drop(), hidden_for=1) if committed else faults.drop_before_create()
    shop.xero.faults.next("/Contacts", fault, "PUT")
    with pytest.raises(TemporaryFailure):
        shop.deliver(a_customers_invoice())
    shop.clock.advance(minutes=7)

    assert all_delivered(shop.deliver(a_customers_invoice()))

    assert len(customers(shop)) == 1
    assert shop.handed_over == {1: 1}


def test_many_new_customers_need_few_calls(shop: XeroHouse) -> None:
    documents = [a_customers_invoice(number, billing=a_party(email=f"c{number}@example.com")) for number in range(1, 51)]

    outcomes = shop.deliver(*documents)

    assert all_delivered(outcomes)
    assert len(customers(shop)) == 50
    assert shop.xero.calls.total <= 8


def test_a_contact_that_was_archived_is_looked_for_anew(shop: XeroHouse) -> None:
    shop.deliver(a_customers_invoice(1))
    contacts = shop.organisation.tables["Contacts"]
    [created] = customers(shop)
    contacts.save({**created, "ContactStatus": "ARCHIVED"})
    [refused] = shop.deliver(a_customers_invoice(2))
    assert isinstance(refused, Refused)
    shop.organisation.add_contact("Zoë again", EmailAddress="zoe@example.com")

    [outcome] = shop.deliver(a_customers_invoice(2))

    assert isinstance(outcome, Delivered)
    assert shop.invoice("INV-000002")["Contact"]["Name"] == "Zoë again"


def test_of_two_contacts_with_the_e_mail_ours_is_taken(shop: XeroHouse) -> None:
    """The link to it was lost, and somebody typed the same person in meanwhile."""
    shop.deliver(a_customers_invoice(1))
    [created] = customers(shop)
    forget_links(shop, created["ContactNumber"])
    shop.organisation.add_contact("Zoë from the fair", EmailAddress="zoe@example.com")

    assert all_delivered(shop.deliver(a_customers_invoice(2)))

    assert {invoice["Contact"]["ContactID"] for invoice in shop.organisation.invoices} == {created["ContactID"]}


def test_a_customer_whom_somebody_merged_into_another_is_that_one(shop: XeroHouse) -> None:
    """Xero refuses the old one; at the next try its number is used up there, and Xero says by whom."""
    shop.deliver(a_customers_invoice(1))
    [created] = customers(shop)
    other = shop.organisation.add_contact("Zoë for good")
    merged = {**created, "ContactStatus": "ARCHIVED", "MergedToContactID": other["ContactID"]}
    shop.organisation.tables["Contacts"].save(merged)
    [refused] = shop.deliver(a_customers_invoice(2))
    assert isinstance(refused, Refused)
    assert refused.next_step.startswith("Restore the contact in Xero, unless it was merged")

    assert all_delivered(shop.deliver(a_customers_invoice(2)))

    assert shop.invoice("INV-000002")["Contact"]["ContactID"] == other["ContactID"]


def test_of_very_many_contacts_only_some_pages_are_read(shop: XeroHouse) -> None:
    """Then asking for each customer costs fewer calls."""
    contacts = shop.organisation.tables["Contacts"]
    [first] = contacts.rows()
    for number in range(5000):
        contacts.save({**first, "ContactID": str(UUID(int=number)), "Name": f"Somebody {number}"})
    documents = [a_customers_invoice(number, billing=a_party(email=f"c{number}@example.com")) for number in range(1, 5)]

    assert all_delivered(shop.deliver(*documents))

    assert shop.xero.calls.by_path()["GET /Contacts"] == 5 + 4


def forget_links(shop: XeroHouse, key: str) -> None:
    """As after an old backup was restored."""
    with shop.units_of_work() as uow:
        uow.remote_links.remove(f"xero:{shop.organisation.tenant_id}", "contact", key)
        uow.commit()
