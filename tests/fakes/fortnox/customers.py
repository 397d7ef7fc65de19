"""The customer register. Numbers are the caller's to choose and are never given twice, not even after a deletion."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.countries import swedish_name
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_known, not_there
from tests.fakes.fortnox.fields import BLANK, CUSTOMER, Document, apply, chosen_number
from tests.fakes.fortnox.listing import ListShape

_DELIVERIES = {"PRINT", "EMAIL", "PRINTSERVICE"}
_LISTED = ("@url", "Address1", "Address2", "City", "CustomerNumber", "Email", "Name", "OrganisationNumber", "ZipCode")


def create(company: Company, asked: Mapping[str, Any]) -> Kept:
    """POST /3/customers."""
    number = chosen_number("CustomerNumber", asked.get("CustomerNumber"), company.next_number("customers"))
    if number in company.used_customer_numbers:
        raise Refused(2000637, "Kundnumret används redan.")
    document = copy.deepcopy(dict(CUSTOMER))
    _change(company, document, asked)
    document |= {"CustomerNumber": number, "@url": f"{company.url}/3/customers/{number}"}
    company.used_customer_numbers.add(number)
    return _keep(company, document, "created")


def change(company: Company, number: str, asked: Mapping[str, Any]) -> Kept:
    """PUT: only the fields that are named; a customer keeps its number."""
    document = copy.deepcopy(dict(get(company, number)))
    _change(company, document, asked)
    return _keep(company, document, "changed")


def get(company: Company, number: str) -> Kept:
    """GET of one."""
    if number not in company.customers:
        raise not_there("customers")
    return company.customers[number]


def delete(company: Company, number: str) -> None:
    """DELETE: gone, and its number with it; refused while documents name the customer."""
    get(company, number)
    if any(document["CustomerNumber"] == number for document in (*company.invoices.values(), *company.orders.values())):
        raise Refused(UNDOCUMENTED, "Kunden används och kan inte tas bort.")
    company.note("deleted", "customers", number)
    del company.customers[number]


def _change(company: Company, document: Document, asked: Mapping[str, Any]) -> None:
    apply(document, asked, CUSTOMER, passed_over=("CustomerNumber",))
    if document["Type"] not in {"PRIVATE", "COMPANY"} or not set(document["DefaultDeliveryTypes"].values()) <= _DELIVERIES:
        raise Refused(UNDOCUMENTED, "Ogiltigt värde i fältet Type eller DefaultDeliveryTypes.")
    if not document["Name"]:
        raise Refused(UNDOCUMENTED, "Kundens namn saknas.")
    if document["Currency"] not in company.currencies:
        raise not_known("currencies")
    if document["TermsOfPayment"] and document["TermsOfPayment"] not in company.terms_of_payment:
        raise not_known("termsofpayments")
    if asked.get("CountryCode") not in (None, "", BLANK):
        document["Country"] = swedish_name(str(document["CountryCode"]))


def _keep(company: Company, document: Document, kind: str) -> Kept:
    number = document["CustomerNumber"]
    now = Kept(document, company.clock.now())
    now.hidden_lists = company.customers[number].hidden_lists if number in company.customers else 0
    company.customers[number] = now
    company.note(kind, "customers", number)
    return now


def _item(customer: Kept) -> dict[str, Any]:
    return {name: customer[name] for name in _LISTED} | {"Phone": customer["Phone1"]}


LIST = ListShape(
    "Customers",
    "customers",
    _item,
    "CustomerNumber",
    texts={
        "customernumber": "CustomerNumber",
        "name": "Name",
        "zipcode": "ZipCode",
        "city": "City",
        "email": "Email",
        "phone": "Phone1",
        "organisationnumber": "OrganisationNumber",
        "gln": "GLN",
        "glndelivery": "GLNDelivery",
    },
    states={"active": lambda kept, _: bool(kept["Active"]), "inactive": lambda kept, _: not kept["Active"]},
    sorts={"customernumber": "CustomerNumber", "name": "Name"},
)
