"""Customers in jortt: found, created or changed, and never there twice."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.accounting.jortt.customer_claims import CustomerClaims
from adapters.accounting.jortt.customer_record import customer_key
from domain.delivery.outcome import Delivered, Refused, RetryLater
from domain.errors import TemporaryFailure
from domain.parties import Address, Party
from tests.contracts.accounting.jortt.house import (
    AMSTERDAM,
    ZOE,
    JorttHouse,
    a_billable_order,
    a_customers_invoice,
    all_delivered,
    an_invoice,
)
from tests.factories import a_company_in

BERLIN = Address(line1="Unter den Linden 1", city="Berlin", postcode="10117", country="DE")


def test_a_company_name_makes_a_company_with_its_contact(house: JorttHouse) -> None:
    house.bills_customers = True
    buyer = Party("Foto Cadeau BV", AMSTERDAM, contact="Zoë van der Berg", email="zoe@example.com")

    assert all_delivered(house.deliver(a_customers_invoice(billing=buyer)))

    [customer] = house.customers()
    assert (customer["is_private"], customer["customer_name"], customer["attn"]) == (False, "Foto Cadeau BV", "Zoë van der Berg")
    assert (customer["address_street"], customer["address_postal_code"]) == ("Keizersgracht 1", "1015CC")


def test_no_company_name_makes_a_person_whose_names_stay_together(house: JorttHouse) -> None:
    house.bills_customers = True

    assert all_delivered(house.deliver(a_customers_invoice()))

    [customer] = house.customers()
    assert customer["is_private"] is True
    assert (customer["first_name"], customer["last_name"]) == ("Zoë", "van der Berg")
    assert customer["reference"].startswith("bh-")


def test_vat_is_shifted_to_a_business_in_another_member_state(house: JorttHouse) -> None:
    company = a_company_in("DE", name="Foto GmbH", address=BERLIN, email="b@foto.example", currency="EUR")

    assert all_delivered(house.deliver(an_invoice(company=company)))

    [customer] = house.customers()
    assert (customer["shift_vat"], customer["vat_number"]) == (True, "DE136695976")
    assert house.invoice()["invoice_total_incl_vat"]["amount"] == "16.00"
    assert {line["vat"]["value"] for line in house.invoice()["line_items"]} == {"0.00"}


@pytest.mark.parametrize(
    "again",
    [
        {"name": "ZOË VAN DER BERG"},
        {"name": " Zoe  van der  Berg "},
        {"email": "Zoe@Example.com "},
        {"email": "zoe @example.com\u200b"},
    ],
)
def test_case_spaces_and_accents_make_no_other_customer(house: JorttHouse, again: dict[str, Any]) -> None:
    house.bills_customers = True
    assert all_delivered(house.deliver(a_customers_invoice(1)))

    assert all_delivered(house.deliver(a_customers_invoice(2, billing=replace(ZOE, **again))))

    assert len(house.customers()) == 1
    assert house.jortt.calls["PUT /v3/customers/{customer_id}"] == 0


def test_a_customer_of_the_same_mailbox_and_name_is_taken_and_keeps_what_people_added(house: JorttHouse) -> None:
    house.bills_customers = True
    there = {
        "customer_name": "zoe van der berg",
        "email": "ZOE@example.com",
        "is_private": True,
        "phonenumber": "020-123",
        "reference": "K-7",
    }
    mine = house.jortt.add_customer(house.organisation, **there)

    assert all_delivered(house.deliver(a_customers_invoice()))

    [customer] = house.customers()
    assert (customer["id"], customer["phonenumber"], customer["reference"]) == (mine, "020-123", "K-7")
    assert (customer["customer_name"], customer["last_name"]) == ("zoe van der berg", "van der Berg")
    assert house.invoice()["customer_id"] == mine


def test_a_mailbox_that_others_share_is_left_to_a_person_who_names_the_right_one(house: JorttHouse) -> None:
    """Neither merged nor doubled; the step that is told works as it is written."""
    house.bills_customers = True
    house.jortt.add_customer(house.organisation, customer_name="Familie de Vries", email="zoe@example.com", is_private=True)
    [refused] = house.deliver(a_customers_invoice())
    assert isinstance(refused, Refused)
    assert refused.code == "mailbox_shared"
    assert "'Familie de Vries'" in refused.text
    assert "Zoë van der Berg" in refused.text
    assert len(house.customers()) == 1
    key = next(word for word in refused.next_step.split() if word.startswith("bh-"))
    mine = house.jortt.add_customer(house.organisation, customer_name="Zoë van der Berg", is_private=True, reference=key)
    house.clock.advance(seconds=20)

    assert all_delivered(house.deliver(a_customers_invoice()))

    assert house.invoice()["customer_id"] == mine


def test_two_customers_that_fit_are_both_named(house: JorttHouse) -> None:
    house.bills_customers = True
    for name in ("Zoe van der Berg", "ZOË VAN DER BERG"):
        house.jortt.add_customer(house.organisation, customer_name=name, email="zoe@example.com", is_private=True)

    [refused] = house.deliver(a_customers_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_ambiguous"
    assert "'Zoe van der Berg'" in refused.text
    assert "'ZOË VAN DER BERG'" in refused.text


def test_a_changed_address_is_written_once(house: JorttHouse) -> None:
    house.bills_customers = True
    assert all_delivered(house.deliver(a_customers_invoice(1)))
    moved = replace(ZOE, address=replace(AMSTERDAM, line1="Prinsengracht 2"))

    assert all_delivered(house.deliver(a_customers_invoice(2, billing=moved), a_customers_invoice(3, billing=moved)))

    [customer] = house.customers()
    assert customer["address_street"] == "Prinsengracht 2"
    assert house.jortt.calls["PUT /v3/customers/{customer_id}"] == 1


def test_a_company_without_an_address_is_refused_with_what_is_missing(house: JorttHouse) -> None:
    house.bills_customers = True
    buyer = Party("Foto BV", Address(country="NL", city="Utrecht"), contact="Zoë", email="z@example.com")

    [refused] = house.deliver(a_customers_invoice(billing=buyer))

    assert isinstance(refused, Refused)
    assert refused.code == "customer_address_missing"
    assert "no street and no postcode" in refused.text


@pytest.mark.parametrize("processed", [True, False])
def test_a_customer_whose_answer_was_lost_is_there_once(house: JorttHouse, processed: bool) -> None:
    """The lane waits; the next visit, by another process, finds it or creates it."""
    house.bills_customers = True
    house.jortt.index.visible_after_searches = 5
    lose = house.jortt.faults.create_then_drop if processed else house.jortt.faults.drop_before_create
    lose("POST /v3/customers")
    with pytest.raises(TemporaryFailure):
        house.deliver(a_customers_invoice())
    house.forget_caches()

    assert all_delivered(house.deliver(a_customers_invoice()))

    assert len(house.customers()) == 1


def test_a_customer_who_was_deleted_there_is_looked_for_anew(house: JorttHouse) -> None:
    assert all_delivered(house.deliver(an_invoice(1)))
    for record in house.organisation.customers.values():
        record.deleted = True
    [gone] = house.deliver(an_invoice(2))
    assert isinstance(gone, RetryLater)

    assert all_delivered(house.deliver(an_invoice(2)))

    assert sum(not record.deleted for record in house.organisation.customers.values()) == 1


def test_an_archived_customer_is_left_to_a_person(house: JorttHouse) -> None:
    house.bills_customers = True
    mine = house.jortt.add_customer(house.organisation, customer_name="Zoë van der Berg", email="zoe@example.com", is_private=True)
    house.organisation.customers[mine].fields["archived"] = True

    [refused] = house.deliver(a_customers_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_archived"


@pytest.mark.parametrize("name", ["webshop klanten", "W-1"])
def test_the_default_customer_takes_everything(house: JorttHouse, name: str) -> None:
    house.bills_customers = True
    house.settings["default_customer"] = name
    mine = house.jortt.add_customer(house.organisation, customer_name="Webshop klanten", reference="W-1")

    assert all_delivered(house.deliver(a_customers_invoice(1), a_customers_invoice(2, billing=replace(ZOE, email="x@example.com"))))

    assert {invoice.fields["customer_id"] for invoice in house.organisation.invoices.values()} == {mine}
    assert len(house.customers()) == 1


def test_a_default_customer_that_is_not_there_is_told(house: JorttHouse) -> None:
    house.settings["default_customer"] = "Nobody"

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_missing"


def test_a_conflict_about_a_customer_is_read_again_and_tried_again(house: JorttHouse) -> None:
    house.bills_customers = True
    assert all_delivered(house.deliver(a_customers_invoice(1)))
    house.jortt.faults.status(409, "PUT /v3/customers")

    [outcome] = house.deliver(a_customers_invoice(2, billing=replace(ZOE, address=replace(AMSTERDAM, line1="Prinsengracht 2"))))

    assert isinstance(outcome, Delivered)
    assert house.customers()[0]["address_street"] == "Prinsengracht 2"


def test_each_new_customer_is_asked_for_its_rates_once(house: JorttHouse) -> None:
    house.bills_customers = True
    documents = [a_customers_invoice(number, billing=replace(ZOE, email=f"zoe{number % 3}@example.com")) for number in range(1, 10)]

    assert all_delivered(house.deliver(*documents))

    assert len(house.customers()) == 3
    assert house.jortt.calls["GET /v3/customers/{customer_id}/vat-percentages"] == 3
    assert house.jortt.calls["GET /v3/customers"] == 1


def test_a_customer_that_a_dead_worker_had_begun_is_created_after_a_while(house: JorttHouse) -> None:
    """Until then another may be at it: the lane waits."""
    house.bills_customers = True
    with house.open() as destination:
        claims = CustomerClaims(destination.memory, lambda: destination.api.scope, "a dead worker")
        assert claims.claim(customer_key(ZOE)) == ""
    with pytest.raises(TemporaryFailure, match="Another worker"):
        house.deliver(a_customers_invoice())
    house.clock.advance(minutes=4)

    assert all_delivered(house.deliver(a_customers_invoice()))

    assert len(house.customers()) == 1


def test_fifty_invoices_of_fifty_known_customers_cost_little_more_than_a_call_each(house: JorttHouse) -> None:
    """With warm caches nothing is asked about a customer."""
    house.bills_customers = True
    billing = [replace(ZOE, email=f"zoe{number}@example.com") for number in range(50)]
    assert all_delivered(house.deliver(*(a_customers_invoice(100 + number, billing=each) for number, each in enumerate(billing))))
    before = house.jortt.calls.total()

    assert all_delivered(house.deliver(*(a_customers_invoice(200 + number, billing=each) for number, each in enumerate(billing))))

    assert house.jortt.calls.total() - before <= 55


def test_an_estimate_takes_of_the_map_what_estimates_have(house: JorttHouse) -> None:
    house.settings |= {
        "document": "estimate",
        "field_map": {"payment_term": {"value": 7}, "introduction": {"from": "order.ref"}, "customer.payment_term": {"value": 14}},
    }

    assert all_delivered(house.deliver(a_billable_order()))

    [estimate] = house.organisation.estimates.values()
    assert estimate.fields["introduction"] == "90001"
    assert house.customers()[0]["payment_term"] == 14


def test_a_list_of_customers_that_takes_long_to_read_is_kept_for_longer(house: JorttHouse) -> None:
    """At 8 calls a second 160 pages take twenty seconds; what we create is in the list at once."""
    house.bills_customers = True
    house.jortt.pages.per_page = 1
    for number in range(160):
        house.jortt.add_customer(house.organisation, customer_name=f"Shop {number}", email=f"{number}@shop.example")
    assert all_delivered(house.deliver(a_customers_invoice(1)))
    before = house.jortt.calls["GET /v3/customers"]
    house.clock.advance(seconds=75)

    assert all_delivered(house.deliver(a_customers_invoice(2, billing=replace(ZOE, name="Anna", email="anna@example.com"))))
    assert house.jortt.calls["GET /v3/customers"] == before
    house.clock.advance(seconds=75)

    assert all_delivered(house.deliver(a_customers_invoice(3, billing=replace(ZOE, name="Piet", email="piet@example.com"))))
    assert house.jortt.calls["GET /v3/customers"] > before
