"""What invoices and orders share: headers filled from the customer and the company, rows, totals, number and date."""

import copy
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.fortnox.amounts import decimal, half_up, number
from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.countries import refuse_unknown_country
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_known
from tests.fakes.fortnox.fields import INVOICE_ROW, ORDER_ROW, Document, apply
from tests.fakes.fortnox.rows import priced, rows_of

_ROWS = {"InvoiceRows": INVOICE_ROW, "OrderRows": ORDER_ROW}
_FROM_CUSTOMER = {
    "Address1": "Address1",
    "Address2": "Address2",
    "City": "City",
    "ZipCode": "ZipCode",
    "Country": "Country",
    "Currency": "Currency",
    "CustomerName": "Name",
    "DeliveryAddress1": "DeliveryAddress1",
    "DeliveryAddress2": "DeliveryAddress2",
    "DeliveryCity": "DeliveryCity",
    "DeliveryCountry": "DeliveryCountry",
    "DeliveryName": "DeliveryName",
    "DeliveryZipCode": "DeliveryZipCode",
    "OrganisationNumber": "OrganisationNumber",
    "OurReference": "OurReference",
    "Phone1": "Phone1",
    "Phone2": "Phone2",
    "PriceList": "PriceList",
    "Project": "Project",
    "TermsOfDelivery": "TermsOfDelivery",
    "TermsOfPayment": "TermsOfPayment",
    "WayOfDelivery": "WayOfDelivery",
    "YourReference": "YourReference",
}


def drafted(company: Company, template: Mapping[str, Any], customer_number: Any) -> Document:
    """A new document with what the customer and the company's settings give it."""
    customer = company.customers.get(str(customer_number))
    if customer is None:
        raise not_known("customers")
    document = copy.deepcopy(dict(template))
    document["CustomerNumber"] = customer["CustomerNumber"]
    document |= {name: customer[source] for name, source in _FROM_CUSTOMER.items() if customer[source]}
    document["TermsOfPayment"] = document["TermsOfPayment"] or company.default_terms
    document["AdministrationFee"] = number(decimal(customer["InvoiceAdministrationFee"] or 0, "InvoiceAdministrationFee"))
    document["Freight"] = number(decimal(customer["InvoiceFreight"] or 0, "InvoiceFreight"))
    document["EmailInformation"]["EmailAddressTo"] = customer["EmailInvoice"] or customer["Email"] or ""
    return document


def changed(company: Company, document: Document, asked: Mapping[str, Any], template: Mapping[str, Any], rows: str) -> None:
    """Take a request's fields and rows into a document; what it comes to is left to ``summed``."""
    apply(document, asked, template, passed_over=(rows, "CustomerNumber", "DocumentNumber", "OrganisationNumber"))
    for name in ("Country", "DeliveryCountry"):
        refuse_unknown_country(document[name])
    if document["Currency"] not in company.currencies:
        raise not_known("currencies")
    if document["TermsOfPayment"] not in company.terms_of_payment:
        raise not_known("termsofpayments")
    if asked.get("CurrencyRate") in ("", None) and ("Currency" in asked or not document["DocumentNumber"]):
        document["CurrencyRate"] = number(company.currencies[document["Currency"]])
    if rows in asked:
        customer = company.customers[document["CustomerNumber"]]
        untold = {**_ROWS[rows], "Discount": customer["InvoiceDiscount"] or 0}
        document[rows] = rows_of(company, asked[rows], document[rows], untold, customer["VATType"])


def summed(company: Company, document: Document, rows: str, quantity: str) -> None:
    """Write the totals: rows, freight and fee with VAT on top; in whole kronor where the company rounds."""
    amounts = [priced(row, quantity, vat_included=document["VATIncluded"]) for row in document[rows]]
    freight, fee = (half_up(decimal(document[name], name)) for name in ("Freight", "AdministrationFee"))
    rate = 0 if _reverse(company, document) else company.default_vat
    freight_vat, fee_vat = half_up(freight * rate / 100), half_up(fee * rate / 100)
    net = sum((net for net, _ in amounts), Decimal(0))
    vat = sum((vat for _, vat in amounts), Decimal(0)) + freight_vat + fee_vat
    exact = net + freight + fee + vat
    # Only kronor are rounded; that euros are not is our reading.
    total = half_up(exact, Decimal(1)) if company.whole_krona and document["Currency"] == "SEK" else exact
    document |= {"Freight": number(freight), "AdministrationFee": number(fee)}
    document |= {"FreightVAT": number(freight_vat), "AdministrationFeeVAT": number(fee_vat)}
    document |= {"Gross": number(net), "Net": number(net), "TotalVAT": number(vat), "RoundOff": number(total - exact)}
    document |= {"Total": number(total), "TotalToPay": number(total)}


def numbered(company: Company, resource: str, document: Document, asked: Mapping[str, Any]) -> str:
    """The document's number: the next, or the one that the request insists on."""
    wanted = asked.get("DocumentNumber")
    if wanted and (not str(wanted).isdecimal() or wanted in company.register(resource)):
        raise Refused(UNDOCUMENTED, "Dokumentnumret används redan.")
    document["DocumentNumber"] = str(wanted or company.next_number(resource))
    document["@url"] = f"{company.url}/3/{resource}/{document['DocumentNumber']}"
    reference = f"filter={resource}&referencenumber={document['DocumentNumber']}"
    document["@urlTaxReductionList"] = f"{company.url}/3/taxreductions?{reference}"
    return str(document["DocumentNumber"])


def kept(company: Company, resource: str, number: str, document: Document, kind: str) -> Kept:
    """Put a document into its register and remember why."""
    before = company.register(resource).get(number)
    now = Kept(document, company.clock.now())
    if before is not None:
        now.hidden_lists = before.hidden_lists
    company.register(resource)[number] = now
    company.note(kind, resource, number)
    return now


def day(text: Any, name: str) -> date:
    """A date of a request."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Refused(UNDOCUMENTED, f"Ogiltigt datum i fältet {name}.") from None


def due(start: date, terms: str) -> str:
    """The day that terms of payment lead to; terms without a number of days are paid at once."""
    digits = "".join(char for char in terms if char.isdecimal())
    return (start + timedelta(days=int(digits or 0))).isoformat()


def refuse_locked(company: Company, on: date) -> None:
    """Nothing is dated into a locked period."""
    if company.locked_until is not None and on <= company.locked_until:
        raise Refused(UNDOCUMENTED, f"Perioden är låst till och med {company.locked_until}.")


def _reverse(company: Company, document: Document) -> bool:
    return company.customers[document["CustomerNumber"]]["VATType"] in {"SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"}
