"""Records that Xero takes, for tests that change one thing in them."""

from typing import Any

from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.wire import Body


def contact_of(organisation: Organisation, name: str = "Acme Ltd") -> Body:
    """The contact of this name, as a document names it."""
    known = [contact for contact in organisation.contacts if contact["Name"] == name]
    return {"ContactID": (known or [organisation.add_contact(name)])[0]["ContactID"]}


def line(unit: float = 10.0, **fields: Any) -> Body:
    """One line on the sales account."""
    return {"Description": "Embroidered cap", "Quantity": 1, "UnitAmount": unit, "AccountCode": "200", **fields}


def invoice(organisation: Organisation, number: str = "ACME-1", **fields: Any) -> Body:
    """An approved sales invoice."""
    days = {"Date": "2026-11-21", "DueDate": "2026-12-21"}
    head = {"Type": "ACCREC", "InvoiceNumber": number, "Status": "AUTHORISED", "Contact": contact_of(organisation)}
    return {**head, **days, "LineItems": [line()], **fields}


def credit_note(organisation: Organisation, number: str = "ACME-CN-1", **fields: Any) -> Body:
    """An approved credit note."""
    head = {"Type": "ACCRECCREDIT", "CreditNoteNumber": number, "Status": "AUTHORISED", "Contact": contact_of(organisation)}
    return {**head, "Date": "2026-11-21", "LineItems": [line()], **fields}


def purchase_order(organisation: Organisation, number: str = "ACME-PO-1", **fields: Any) -> Body:
    """A draft order to a supplier."""
    head = {"PurchaseOrderNumber": number, "Contact": contact_of(organisation, "Thread Supplies")}
    return {**head, "Date": "2026-11-21", "LineItems": [line(AccountCode="429", TaxType="INPUT2")], **fields}
