"""The fake Xero keeps to Xero's published description, and notices who does not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
import yaml
from xero_python.accounting import models
from xero_python.api_client import ModelFinder
from xero_python.api_client.deserializer import deserialize

from tests.fakes.xero import FakeXero
from tests.fakes.xero.client import Client, client_of
from tests.fakes.xero.contract import Contract
from tests.fakes.xero.fixtures import fake_xero, xero_clock, xero_contract
from tests.fakes.xero.routes import ROUTES
from tests.fakes.xero.samples import contact_of, credit_note, invoice, line, purchase_order
from tests.services.specs import specs_folder

__all__ = ["fake_xero", "xero_clock"]


@pytest.fixture
def client(fake_xero: FakeXero) -> Client:
    return client_of(fake_xero)


@pytest.fixture
def wrong_client() -> Any:
    """A client of a fake whose violations a test looks at itself."""
    with FakeXero(contract=xero_contract()) as xero:
        yield client_of(xero)


def written(client: Client) -> dict[str, str]:
    """One of everything, for the ids in paths."""
    organisation = client.organisation
    sold = client.created("Invoices", invoice(organisation, LineItems=[line(50)]))
    note = client.created("CreditNotes", credit_note(organisation))
    order = client.created("PurchaseOrders", purchase_order(organisation))
    item = client.created("Items", {"Code": "CAP", "SalesDetails": {"UnitPrice": 9.5, "AccountCode": "200"}})
    contact = {"Name": "Full Ltd", "ContactNumber": "C-1", "Addresses": [{"AddressType": "POBOX", "City": "Hull", "Country": "GB"}]}
    client.created("Contacts", contact | {"EmailAddress": "a@full.example", "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}]})
    ids = {"InvoiceID": sold["InvoiceID"], "CreditNoteID": note["CreditNoteID"], "PurchaseOrderID": order["PurchaseOrderID"]}
    ids |= {"ItemID": item["ItemID"], "ContactID": contact_of(organisation)["ContactID"], "ContactNumber": "C-1"}
    return ids | {"PurchaseOrderNumber": "ACME-PO-1", "FileName": "ACME-1.pdf"}


BODIES: dict[str, dict[str, Any]] = {
    "/Contacts": {"Contacts": [{"Name": "Another Ltd"}]},
    "/Contacts/{ContactID}": {"Contacts": [{"EmailAddress": "post@acme.example"}]},
    "/Items": {"Items": [{"Code": "HAT"}]},
    "/Items/{ItemID}": {"Items": [{"Code": "CAP", "Name": "Cap"}]},
    "/Invoices/{InvoiceID}": {"Invoices": [{"SentToContact": True}]},
    "/PurchaseOrders/{PurchaseOrderID}": {"PurchaseOrders": [{"Status": "AUTHORISED"}]},
    "/CreditNotes/{CreditNoteID}": {"CreditNotes": [{"Reference": "Returned"}]},
}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_every_operation_keeps_to_the_description(client: Client, route: Any) -> None:
    """Call and answer, with one of everything in the books."""
    ids = written(client)
    organisation = client.organisation
    made = {
        "/Invoices": {"Invoices": [invoice(organisation, "ACME-9")]},
        "/CreditNotes": {"CreditNotes": [credit_note(organisation, "CN-9")]},
        "/PurchaseOrders": {"PurchaseOrders": [purchase_order(organisation, "PO-9")]},
        "/CreditNotes/{CreditNoteID}/Allocations": {
            "Allocations": [{"Amount": 12, "Date": "2026-11-21", "Invoice": {"InvoiceID": ids["InvoiceID"]}}]
        },
    }
    path = route.template.format(**ids)

    if path.endswith(".pdf"):
        answer = client.upload(path, b"%PDF", "application/pdf")
    else:
        body = None if route.method == "GET" else (made | BODIES)[route.template]
        answer = client.call(route.method, path, body)

    assert answer.status_code == 200, answer.text
    assert client.xero.contract_violations == []


@pytest.mark.parametrize("summarize", ["true", "false"])
@pytest.mark.parametrize(
    ("plural", "wrong"),
    [
        ("Contacts", {"Name": "A <b>"}),
        ("Items", {"Code": "HAT", "SalesDetails": {"AccountCode": "777"}}),
        ("Invoices", {"Type": "ACCREC", "LineItems": [{"Description": ""}]}),
        ("CreditNotes", {"Type": "ACCRECCREDIT", "LineItems": [{"Description": ""}]}),
        ("PurchaseOrders", {"LineItems": [{"Description": "Thread", "Quantity": 1}]}),
    ],
)
def test_refusals_keep_to_the_description(client: Client, plural: str, wrong: dict[str, Any], summarize: str) -> None:
    """In both forms."""
    answer = client.put(plural, wrong, summarizeErrors=summarize)

    assert answer.status_code == {"true": 400, "false": 200}[summarize], answer.text
    assert client.xero.contract_violations == []


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "complaint"),
    [
        ("PUT", "/Invoices", {"Invoices": [{"Type": "SALE"}]}, {}, "'SALE' is not one of"),
        ("PUT", "/Invoices", {"Invoices": [{"Type": "ACCREC", "LineItems": [{"Quantity": "two"}]}]}, {}, "'two' is not of type 'number'"),
        ("PUT", "/Invoices", {"Invoices": [{"Type": "ACCREC", "Refrence": "A"}]}, {}, "'Refrence' was unexpected"),
        ("PUT", "/Invoices", {"Invoices": [{"Type": "ACCREC", "SubTotal": 1}]}, {}, "read-only"),
        ("PUT", "/Invoices", [], {}, "is not of type 'object'"),
        ("PUT", "/Invoices", {"Invoices": [{"Type": "ACCREC"}], "Batch": 1}, {}, "'Batch' was unexpected"),
        ("PUT", "/Contacts", {"Contacts": [{"Name": "x" * 256}]}, {}, "is too long"),
        ("PUT", "/Contacts", {"Contacts": [{"Name": "A", "EmailAddress": None}]}, {}, "not nullable"),
        ("POST", "/Items", {"Items": [{"Name": "Cap"}]}, {}, "'Code' is a required property"),
        ("GET", "/Invoices", None, {"InvoiceNumber": "A"}, "query parameters that do not exist: ['InvoiceNumber']"),
        ("GET", "/PurchaseOrders", None, {"where": 'Status=="DRAFT"'}, "query parameters that do not exist: ['where']"),
        ("GET", "/Contacts", None, {"page": "one"}, "Failed to cast"),
    ],
)
def test_a_call_that_breaks_the_description_is_noticed(
    wrong_client: Client, method: str, path: str, body: object, query: dict[str, str], complaint: str
) -> None:
    """It is answered with a status that nobody uses, and written down."""
    answer = wrong_client.call(method, path, body, **query)

    assert answer.status_code == 599
    assert [complaint in violation for violation in wrong_client.xero.contract_violations] == [True]


def test_an_answer_that_breaks_the_description_is_noticed(wrong_client: Client) -> None:
    """A word that Xero does not know, typed into the books."""
    wrong_client.organisation.add_contact("Acme Ltd", ContactStatus="ACTIVE", Nickname="Ace")

    answer = wrong_client.get("/Contacts")

    assert answer.status_code == 599
    assert "'Nickname' was unexpected" in wrong_client.xero.contract_violations[0]


def test_backorders_are_newer_than_the_description(client: Client) -> None:
    """The one query parameter that is let through without being in it, and only on writes."""
    answer = client.put("Invoices", invoice(client.organisation), allowBackorders="true", summarizeErrors="false", unitdp="4")

    assert answer.status_code == 200


def test_xeros_own_library_reads_the_answers(client: Client) -> None:
    """Days, moments and amounts arrive as what they are; of the kinds that an adapter reads, each is understood."""
    written(client)
    finder = ModelFinder(models)
    plurals = ("Invoices", "CreditNotes", "PurchaseOrders", "Contacts", "Items", "Accounts", "TaxRates", "Currencies")

    read = {plural: deserialize(plural, client.get(f"/{plural}").json(), finder) for plural in plurals}
    organisation = deserialize("Organisations", client.get("/Organisation").json(), finder).organisations[0]

    sold = read["Invoices"].invoices[0]
    assert (sold.date, sold.due_date, sold.total) == (date(2026, 11, 21), date(2026, 12, 21), Decimal("60.0"))
    assert sold.updated_date_utc == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert read["PurchaseOrders"].purchase_orders[0].purchase_order_number == "ACME-PO-1"
    assert read["Accounts"].accounts[-1].system_account == "ROUNDING"
    assert organisation.name == client.organisation.name


def test_connections_look_as_described(client: Client) -> None:
    """They have a description of their own; no other words, and moments that can be read."""
    folder = specs_folder()
    assert folder is not None
    described = yaml.safe_load((folder / "xero-identity.yaml").read_text(encoding="utf-8"))["components"]["schemas"]["Connection"]

    headers = {"Authorization": f"Bearer {client.access_token}"}
    connection = requests.get(client.xero.connections_url, headers=headers, timeout=20).json()[0]

    assert set(connection) == set(described["properties"])
    assert datetime.fromisoformat(connection["createdDateUtc"][:26]) == datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 - Xero names no zone


def test_without_a_description_nothing_is_held_to_it() -> None:
    """The fake works on machines that do not have it."""
    with FakeXero() as xero:
        client = client_of(xero)
        answer = client.get("/Invoices", Unknown="1")

    assert answer.status_code == 200
    assert isinstance(xero_contract(), Contract)
    assert Decimal(answer.headers["X-MinLimit-Remaining"]) == 59
