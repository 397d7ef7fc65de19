"""Customers, as jortt keeps them."""

import pytest

from tests.fakes.jortt.client import COMPANY, Client, complaints, key_of


def names(answer) -> list[str]:
    return [customer["customer_name"] for customer in answer.json()["data"]]


def test_creating_answers_with_the_id_only_and_reading_with_explicit_nulls(client) -> None:
    answer = client.call("POST", "/customers", {**COMPANY, "reference": "777"})

    assert list(answer.json()["data"]) == ["id"]
    found = client.read(f"/customers/{answer.json()['data']['id']}")
    assert found["reference"] == "777"
    assert (found["address_country_code"], found["payment_term"], found["invoice_language"]) == ("NL", 30, "nl")
    assert found["email"] is None
    assert found["vat_number"] is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {("is_missing", "is_private"), ("is_missing", "customer_name")}),
        ({"is_private": False, "customer_name": "A"}, {("is_missing", f"address_{name}") for name in ("street", "postal_code", "city")}),
        ({**COMPANY, "shift_vat": True}, {("is_missing", "vat_number")}),
        ({**COMPANY, "address_country_code": "Netherlands"}, {("is_invalid", "address_country_code")}),
        ({**COMPANY, "payment_term": "30"}, {("is_invalid", "payment_term")}),
        ({**COMPANY, "payment_term": True}, {("is_invalid", "payment_term")}),
        ({"is_private": True, "customer_name": "A", "salutation": "Mr"}, {("is_invalid", "salutation")}),
    ],
)
def test_what_is_missing_or_wrong_is_named(client, organisation, body, expected) -> None:
    answer = client.call("POST", "/customers", body)

    assert key_of(answer) == (422, "params.invalid")
    assert complaints(answer) == expected
    assert organisation.customers == {}


def test_a_private_person_needs_no_address(client) -> None:
    assert client.create("/customers", {"is_private": True, "customer_name": "Zoë Ångström", "salutation": "madam"})


def test_an_update_replaces_the_whole_record(client) -> None:
    """What is left out is gone."""
    customer_id = client.create("/customers", {**COMPANY, "email": "a@example.com", "reference": "777"})

    answer = client.call("PUT", f"/customers/{customer_id}", {**COMPANY, "reference": "778"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.read(f"/customers/{customer_id}")["email"] is None
    assert client.call("PUT", f"/customers/{customer_id}", {"reference": "779"}).status_code == 422
    assert client.read(f"/customers/{customer_id}")["reference"] == "778"


def test_a_deleted_customer_is_found_no_more(client, organisation) -> None:
    customer_id = client.create("/customers", COMPANY)

    assert client.call("DELETE", f"/customers/{customer_id}").status_code == 204

    assert key_of(client.call("GET", f"/customers/{customer_id}")) == (404, "resource.not_found")
    assert names(client.call("GET", "/customers")) == []
    assert customer_id in organisation.customers


def test_a_malformed_id_is_a_wrong_parameter_and_not_a_missing_thing(client) -> None:
    answer = client.call("GET", "/customers/42")

    assert key_of(answer) == (422, "params.invalid")
    assert complaints(answer) == {("is_invalid", "customer_id")}


def test_lists_are_sorted_by_name_and_cut_at_a_hundred(jortt, client, organisation) -> None:
    for number in reversed(range(101)):
        jortt.add_customer(organisation, customer_name=f"Customer {number:03d}")

    first, second = client.call("GET", "/customers"), client.call("GET", "/customers", page=2)

    assert names(first) == [f"Customer {number:03d}" for number in range(100)]
    assert names(second) == ["Customer 100"]
    assert first.json()["_links"]["next"]["href"].endswith("page=2")
    assert second.json()["_links"]["next"] is None


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"query": "ab"}])
def test_a_list_that_cannot_be_asked_for_is_refused(client, query) -> None:
    assert complaints(client.call("GET", "/customers", **query)) == {("is_invalid", next(iter(query)))}


def test_a_search_finds_parts_of_texts_but_no_e_mail_address(jortt, client, organisation) -> None:
    """A client must compare for itself."""
    jortt.add_customer(organisation, customer_name="One", reference="ORDER-1")
    jortt.add_customer(organisation, customer_name="Two", reference="ORDER-10", email="order-1@example.com")
    jortt.add_customer(organisation, customer_name="Three", email="order-1@example.com")

    assert names(client.call("GET", "/customers", query="order-1")) == ["One", "Two"]


def test_the_index_may_lag_behind_by_searches_or_seconds(jortt, client, jortt_clock) -> None:
    jortt.index.visible_after_searches = 2
    jortt.index.visible_after_s = 5
    client.create("/customers", {**COMPANY, "reference": "ORDER-1"})
    jortt_clock.advance(seconds=5)

    found = [len(names(client.call("GET", "/customers", query="ORDER-1"))) for _ in range(3)]

    assert found == [0, 0, 1]
    assert len(names(client.call("GET", "/customers"))) == 1


@pytest.mark.parametrize(
    ("fields", "switches", "expected"),
    [
        ({}, {}, ["0.21", "0.09", "0.00"]),
        ({"shift_vat": True, "vat_number": "BE0123456789", "address_country_code": "BE"}, {}, ["0.00"]),
        ({"address_country_code": "GB"}, {}, ["0.00"]),
        ({"is_private": True, "address_country_code": "DE"}, {"one_stop_shop": True, "rates": {"DE": ("0.19",)}}, ["0.19"]),
        ({}, {"exempt": True}, ["0.21", "0.09", "0.00", "0.00"]),
    ],
)
def test_the_rates_depend_on_the_customer(jortt, client, organisation, fields, switches, expected) -> None:
    for name, value in switches.items():
        setattr(organisation, name, value)
    customer_id = jortt.add_customer(organisation, **fields)

    found = client.read(f"/customers/{customer_id}/vat-percentages")

    assert found["id"] == customer_id
    assert [vat["value"] for vat in found["vats"]] == expected


def test_an_archived_customer_is_still_listed(client) -> None:
    customer_id = client.create("/customers", COMPANY)

    client.call("PUT", f"/customers/{customer_id}/set_archived", {"archived": True})

    assert client.read(f"/customers/{customer_id}")["archived"] is True
    assert len(names(client.call("GET", "/customers"))) == 1


def test_organisations_do_not_see_each_others_customers(jortt, client, session) -> None:
    customer_id = client.create("/customers", COMPANY)
    other = Client.of_owner(jortt, jortt.add_organisation("Other"), session)

    assert key_of(other.call("GET", f"/customers/{customer_id}")) == (404, "resource.not_found")
    assert names(other.call("GET", "/customers")) == []
