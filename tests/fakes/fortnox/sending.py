"""Addresses that look like reading and are not: mailing, printing and e-invoicing a document by GET."""

from collections.abc import Callable
from typing import Any

from tests.fakes.fortnox import invoices, orders
from tests.fakes.fortnox.company import Company, Kept, SentMail
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused
from tests.fakes.vendor_server import Reply

PDF = Reply(200, b"%PDF-1.4\n%%EOF\n", "application/pdf")

_GET = {"invoices": invoices.get, "orders": orders.get}
_MARK: dict[str, Callable[[Company, str, str], Kept]] = {"invoices": invoices.mark_sent, "orders": orders.mark_sent}
_NAMES = {"invoices": "Invoice", "orders": "Order"}
_WAYS = {"print": "printed", "eprint": "eprinted", "einvoice": "einvoiced", "externalprint": "marked sent"}


def sent(company: Company, resource: str, number: str, way: str) -> Reply:
    """Send the document that way and answer as the address does. ``preview`` alone leaves everything as it was."""
    document = _GET[resource](company, number)
    if way == "preview":
        return PDF
    if way == "email":
        _mail(company, resource, document)
    if way == "einvoice" and not document["OrganisationNumber"]:
        raise Refused(UNDOCUMENTED, "Kunden saknar uppgifter för e-faktura.")
    marked = _MARK[resource](company, number, _WAYS.get(way, "emailed"))
    return PDF if way == "print" else Reply.of_json({_NAMES[resource]: marked})


def _mail(company: Company, resource: str, document: dict[str, Any]) -> None:
    information, number = document["EmailInformation"], document["DocumentNumber"]
    if not information["EmailAddressTo"]:
        raise Refused(UNDOCUMENTED, "E-postadress saknas.")
    if document["Cancelled"]:
        raise Refused(UNDOCUMENTED, "Dokumentet är makulerat.")
    subject = information["EmailSubject"].replace("{no}", number)
    mail = SentMail(company.tenant_id, resource, number, information["EmailAddressTo"], subject, information["EmailBody"])
    company.emails_sent.append(mail)
