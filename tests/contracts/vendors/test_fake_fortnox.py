"""The fake Fortnox against Fortnox's own document."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.fakes.fortnox import FakeFortnox, fields, fixtures
from tests.fakes.fortnox.caller import Caller
from tests.fakes.fortnox.contract import checked_against
from tests.fakes.vendor_server import Reply
from tests.services.specs import specs_folder

fake_fortnox = fixtures.fake_fortnox

ROW = {"ArticleNumber": "MUG", "Description": "Mugg", "DeliveredQuantity": "2", "Price": 99.5, "VAT": 25}


@pytest.fixture
def caller(fake_fortnox: FakeFortnox) -> Iterator[Caller]:
    """A client of a company with one article and one customer; without the limit."""
    fake_fortnox.window.calls_max = None
    fake_fortnox.add_company(articles={"MUG": "Mugg"})
    with Caller(fake_fortnox) as caller:
        caller.customer(CustomerNumber="C1", Email="a@b.example", OrganisationNumber="556469-6291", CountryCode="SE")
        yield caller


def schema(name: str) -> Mapping[str, Any]:
    """One of the document's schemas."""
    folder = specs_folder()
    assert folder is not None
    document = json.loads((folder / "patched" / "fortnox.json").read_text(encoding="utf-8"))
    return dict(document["components"]["schemas"][name])


@pytest.mark.parametrize(
    "path",
    [
        "articles",
        "articles/MUG",
        "companyinformation",
        "currencies",
        "currencies/EUR",
        "customers",
        "customers/C1",
        "modesofpayments",
        "modesofpayments/BG",
        "settings/company",
        "settings/lockedperiod",
        "termsofpayments",
        "termsofpayments/30",
        "units",
        "units/st",
    ],
)
def test_reading_registers_keeps_to_the_contract(caller: Caller, path: str) -> None:
    """The fixture looks at what both sides said."""
    assert caller.get(path).status_code == 200


def test_the_life_of_an_invoice_keeps_to_the_contract(caller: Caller) -> None:
    """Each address that changes or sends one."""
    caller.invoice(CustomerNumber="C1", ExternalInvoiceReference1="key-1", InvoiceDate="2026-11-20", InvoiceRows=[ROW])
    caller.put("invoices/1", {"Invoice": {"Remarks": "Tack", "YourReference": "API_BLANK"}})
    for action in ("preview", "print", "email", "einvoice", "eprint"):
        assert caller.get(f"invoices/1/{action}").status_code == 200
    for action in ("externalprint", "bookkeep", "credit"):
        assert caller.put(f"invoices/1/{action}").status_code == 200

    assert caller.put("invoices/2/cancel").status_code == 200
    assert caller.get("invoices", externalinvoicereference1="key-1", limit="10", page="1").json()["MetaInformation"]["@TotalResources"] == 2


def test_the_life_of_an_order_keeps_to_the_contract(caller: Caller) -> None:
    """As above."""
    caller.order(CustomerNumber="C1", OrderRows=[ROW | {"OrderedQuantity": "2"}])
    caller.put("orders/1", {"Order": {"Remarks": "Tack"}})
    for action in ("preview", "print", "email"):
        assert caller.get(f"orders/1/{action}").status_code == 200

    assert caller.put("orders/1/createinvoice").status_code == 200
    assert caller.get("orders", filter="invoicecreated").status_code == 200


def test_changing_articles_and_customers_keeps_to_the_contract(caller: Caller) -> None:
    """A PUT may name a part; API_BLANK stands where a number would."""
    assert caller.post("articles", {"Article": {"ArticleNumber": "B", "Description": "Byxa", "VAT": 12}}).status_code == 201
    assert caller.put("articles/B", {"Article": {"Note": "blå"}}).status_code == 200
    assert caller.put("customers/C1", {"Customer": {"GLN": "API_BLANK", "CountryCode": "API_BLANK"}}).status_code == 200
    assert caller.delete("customers/C1").status_code == 204


def test_refusals_keep_to_the_contract(caller: Caller) -> None:
    """Both spellings of their keys."""
    assert caller.get("invoices/99").status_code == 404
    assert caller.post("customers", {"Customer": {"Name": "Åke", "CustomerNumber": "C1"}}).status_code == 400


@pytest.mark.parametrize(
    ("invoice", "told"),
    [
        ({"CustomerNumber": 1}, "CustomerNumber"),
        ({"CustomerNumber": "C1", "InvoiceRows": [ROW | {"DeliveredQuantity": 2}]}, "DeliveredQuantity"),
        ({"CustomerNumber": "C1", "InvoiceRows": [ROW | {"VAT": 25.5}]}, "VAT"),
        ({"CustomerNumber": "C1", "InvoiceRows": [ROW | {"AccountNumber": 10}]}, "AccountNumber"),
        ({"CustomerNumber": "C1", "InvoiceRows": [ROW | {"Pris": 1}]}, "Pris"),
        ({"CustomerNumber": "C1", "EmailInformation": {"To": "a@b.example"}}, "To"),
        ({"CustomerNumber": "C1", "Kund": "C1"}, "Kund"),
        ({"CustomerNumber": "C1", "InvoiceDate": "20/11/2026"}, "InvoiceDate"),
        ({"CustomerNumber": "C1", "YourOrderNumber": "x" * 76}, "YourOrderNumber"),
        ({"CustomerNumber": "C1", "Language": "SE"}, "Language"),
        ({}, "CustomerNumber"),
    ],
)
def test_an_invoice_against_the_contract_is_told(caller: Caller, fake_fortnox: FakeFortnox, invoice: dict[str, Any], told: str) -> None:
    """Whatever the fake answers to it."""
    caller.post("invoices", {"Invoice": invoice})

    assert len(fake_fortnox.contract_violations) == 1
    assert told in fake_fortnox.contract_violations[0]
    fake_fortnox.contract_violations.clear()


def test_a_filter_against_the_contract_is_told(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Parameters as well as bodies."""
    caller.get("invoices", filter="paid")

    assert "filter" in fake_fortnox.contract_violations[0]
    fake_fortnox.contract_violations.clear()


def test_an_answer_against_the_contract_is_told(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """The fake itself is held to it."""
    caller.get("customers/C1")
    wrong = Reply.of_json({"Customer": {"Name": "Åke", "Active": "yes"}})

    violations = checked_against(fake_fortnox.requests[-1], wrong)

    assert len(violations) == 1
    assert "Customer/Active" in violations[0]


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("fortnox_Customer", fields.CUSTOMER),
        ("fortnox_Article", fields.ARTICLE),
        ("fortnox_InvoicePayload", fields.INVOICE),
        ("fortnox_InvoicePayload_InvoiceRow", fields.INVOICE_ROW),
        ("fortnox_InvoicePayload_EmailInformation", fields.INVOICE["EmailInformation"]),
        ("fortnox_Order", fields.ORDER),
        ("fortnox_Order_OrderRow", fields.ORDER_ROW),
    ],
)
def test_the_fake_knows_every_field_that_may_be_sent(name: str, template: Mapping[str, Any]) -> None:
    """It would refuse the others as misspelt."""
    assert set(schema(name)["properties"]) - set(template) - fields.READ_ONLY == set()


@pytest.mark.parametrize(
    ("name", "template"), [("fortnox_Customer", fields.CUSTOMER), ("fortnox_Article", fields.ARTICLE), ("fortnox_Order", fields.ORDER)]
)
def test_the_fake_has_no_field_of_its_own(name: str, template: Mapping[str, Any]) -> None:
    """What may be sent and what comes back is one schema there."""
    assert set(template) - set(schema(name)["properties"]) == set()
