"""Several records in one call."""

import pytest

from tests.fakes.xero.client import Client
from tests.fakes.xero.samples import invoice, line


def test_one_bad_element_fails_the_whole_call(client: Client) -> None:
    """That is the default: 400, the bad elements named, nothing kept."""
    bad = invoice(client.organisation, "ACME-2", LineItems=[line(AccountCode="999")])

    answer = client.put("Invoices", invoice(client.organisation), bad)

    assert (answer.status_code, answer.json()["Type"], answer.json()["ErrorNumber"]) == (400, "ValidationException", 10)
    assert [element["InvoiceNumber"] for element in answer.json()["Elements"]] == ["ACME-2"]
    assert client.organisation.effects() == {}


def test_elements_are_answered_one_by_one_where_that_is_asked_for(client: Client) -> None:
    """200 is not success: each element says for itself, in the order they were sent."""
    bad = invoice(client.organisation, "ACME-2", LineItems=[line(AccountCode="999")])
    third = invoice(client.organisation, "ACME-3")

    answer = client.put("Invoices", invoice(client.organisation), bad, third, summarizeErrors="false")

    elements = answer.json()["Invoices"]
    assert answer.status_code == 200
    assert [(one["InvoiceNumber"], one["StatusAttributeString"], one["HasErrors"]) for one in elements] == [
        ("ACME-1", "OK", False),
        ("ACME-2", "ERROR", True),
        ("ACME-3", "OK", False),
    ]
    assert elements[1]["ValidationErrors"][0]["Message"].startswith("Account code '999'")
    assert elements[1]["InvoiceID"] == "00000000-0000-0000-0000-000000000000"
    assert client.organisation.effects() == {"ACME-1": 1, "ACME-3": 1}


@pytest.mark.parametrize("summarize", ["true", "false"])
def test_a_number_that_comes_twice_in_one_batch_is_refused_once(client: Client, summarize: str) -> None:
    """Elements see those before them."""
    answer = client.put("Invoices", invoice(client.organisation), invoice(client.organisation), summarizeErrors=summarize)

    assert answer.status_code == {"true": 400, "false": 200}[summarize]
    assert client.organisation.effects() == {"true": {}, "false": {"ACME-1": 1}}[summarize]


def test_a_refused_document_leaves_no_contact_behind(client: Client) -> None:
    """A name without an id would create one."""
    bad = invoice(client.organisation, Contact={"Name": "Made up"}, LineItems=[line(AccountCode="999")])

    client.put("Invoices", bad, summarizeErrors="false")

    assert [contact["Name"] for contact in client.organisation.contacts] == ["Acme Ltd"]


def test_what_is_wrong_with_a_lines_text_stands_inside_the_line(client: Client) -> None:
    """So a client must look into the lines too."""
    bad = invoice(client.organisation, LineItems=[line(), line(Description="")])

    answer = client.put("Invoices", bad, summarizeErrors="false")

    element = answer.json()["Invoices"][0]
    assert element["ValidationErrors"] == []
    assert element["LineItems"][1]["ValidationErrors"] == [{"Message": "Description must be specified for the line."}]


@pytest.mark.parametrize("body", [{"Invoices": []}, {}])
def test_a_call_without_records_is_refused(client: Client, body: object) -> None:
    """Bad data, not bad records."""
    answer = client.call("PUT", "/Invoices", body)

    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")
