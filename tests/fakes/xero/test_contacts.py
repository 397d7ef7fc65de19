"""Contacts: unique, picky about names, and found in several ways."""

from typing import Any

import pytest

from tests.fakes.xero import FakeXero
from tests.fakes.xero.client import Client, client_of, refusals

_NAME_RULE = "The contact name cannot contain < or >, double spaces, or spaces at its ends."


def test_names_and_numbers_are_unique(client: Client) -> None:
    """PUT creates only, without regard to case."""
    client.created("Contacts", {"Name": "Acme Ltd", "ContactNumber": "C-1"})

    same_name = client.put("Contacts", {"Name": "ACME LTD", "ContactNumber": "C-2"})
    same_number = client.put("Contacts", {"Name": "Other", "ContactNumber": "C-1"})

    assert "is already assigned to another contact" in refusals(same_name)[0]
    assert refusals(same_number) == ["The contact number C-1 is already assigned to another contact."]
    assert len(client.organisation.contacts) == 1


def test_an_archived_contact_gives_its_name_back(client: Client) -> None:
    """Names are unique among active contacts."""
    client.organisation.add_contact("Acme Ltd", ContactStatus="ARCHIVED")

    assert client.put("Contacts", {"Name": "Acme Ltd"}).status_code == 200


def test_post_changes_what_it_knows(client: Client) -> None:
    """By number, else by name."""
    client.created("Contacts", {"Name": "Acme Ltd", "ContactNumber": "C-1"})

    client.post("Contacts", {"Name": "Acme Limited", "ContactNumber": "C-1"})
    client.post("Contacts", {"Name": "Acme Limited", "EmailAddress": "post@acme.example"})

    assert [(one["Name"], one["EmailAddress"]) for one in client.organisation.contacts] == [("Acme Limited", "post@acme.example")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Name": ""}, "The contact name must be specified."),
        ({"Name": "A <b>"}, _NAME_RULE),
        ({"Name": "Two  blanks"}, _NAME_RULE),
        ({"Name": " Acme"}, _NAME_RULE),
        ({"Name": "x" * 256}, "Name must not be more than 255 characters long."),
        ({"ContactNumber": "x" * 51}, "ContactNumber must not be more than 50 characters long."),
        ({"EmailAddress": "jürgen@acme.example"}, "Email address must be valid."),
        ({"EmailAddress": "nobody"}, "Email address must be valid."),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "GB1"}]}, "The Country of an address may have letters A to Z only."),
        ({"ContactPersons": [{"FirstName": "A"}] * 6}, "A contact cannot have more than 5 contact persons."),
    ],
)
def test_a_wrong_contact_is_refused_with_its_reason(fields: dict[str, Any], message: str) -> None:
    """And nothing is kept. Without the contract, which would refuse some of them first."""
    with FakeXero() as unchecked:
        client = client_of(unchecked)

        answer = client.put("Contacts", {"Name": "Acme Ltd", **fields})

        assert refusals(answer) == [message]
        assert client.organisation.contacts == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"where": 'EmailAddress=="POST@acme.example"'}, ["Acmé Ltd"]),
        ({"where": 'Name=="acme ltd"'}, ["Acmé Ltd"]),
        ({"searchTerm": "acme"}, ["Acmé Ltd", "Not Acme"]),
        ({"searchTerm": "C-1"}, ["Acmé Ltd", "Not Acme"]),
        ({"searchTerm": "gone"}, []),
        ({"searchTerm": "gone", "includeArchived": "true"}, ["Gone"]),
        ({"page": "2", "pageSize": "1"}, ["Not Acme"]),
    ],
)
def test_contacts_are_found(client: Client, query: dict[str, str], names: list[str]) -> None:
    """Loosely: who needs one contact must compare again. ``searchTerm`` finds parts (C-1 in C-10), filters ignore case and accents."""
    client.organisation.add_contact("Acmé Ltd", EmailAddress="post@acme.example", ContactNumber="C-1")
    client.organisation.add_contact("Not Acme", ContactNumber="C-10")
    client.organisation.add_contact("Gone", ContactStatus="ARCHIVED")

    assert [found["Name"] for found in client.get("/Contacts", **query).json()["Contacts"]] == names


def test_a_contact_is_read_by_our_own_key_or_its_id(client: Client) -> None:
    """404 in words where there is none."""
    created = client.created("Contacts", {"Name": "Acme Ltd", "ContactNumber": "C/1"})

    by_number = client.get("/Contacts/C%2F1").json()["Contacts"]
    by_id = client.get(f"/Contacts/{created['ContactID']}").json()["Contacts"]
    nobody = client.get("/Contacts/C")

    assert by_number == by_id
    assert (nobody.status_code, nobody.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
