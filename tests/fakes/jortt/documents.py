"""What invoices and estimates share: lines, the snapshot of the customer, and sending, which takes a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.jortt import parameters as check
from tests.fakes.jortt.books import Document, Mail, Now, Organisation, today
from tests.fakes.jortt.customers import customer_of, vats_of
from tests.fakes.jortt.errors import Detail, Refusal, conflict, impossible, invalid, not_found
from tests.fakes.jortt.money import money

SEND_METHODS = ("email", "peppol", "self")
_LINE = {
    "description": check.text,
    "quantity": check.quantity,
    "amount": check.amount,
    "vat": check.vat,
    "ledger_account_id": check.uuid,
}
_LINE_NEEDS = ("description", "quantity", "amount", "vat")
SNAPSHOT = {
    "customer_company_name": "customer_name",
    "customer_attn": "attn",
    "customer_address_street": "address_street",
    "customer_address_city": "address_city",
    "customer_address_postal_code": "address_postal_code",
    "customer_address_country_code": "address_country_code",
    "customer_address_country_name": "address_country_name",
    "customer_address_extra_information": "address_extra_information",
    "customer_vat_shifted": "shift_vat",
    "customer_vat_number": "vat_number",
    "language": "invoice_language",
}


@dataclass
class Sending:
    """How long sending takes. Tests set its fields.

    It is done with the read number ``polls`` of the document, by itself or in a list, or after ``seconds`` where those are given. Until
    then the document is a draft without a number; what changes it meanwhile is a conflict (assumed).
    """

    now: Now
    polls: int = 1
    seconds: float | None = None

    def begin(self, organisation: Organisation, document: Document, body: Mapping[str, Any]) -> None:
        """Schedule it as the body says: ``send_method``, and where to. Raises Refusal where it cannot be sent so."""
        require_idle(document)
        method = body["send_method"]
        customer = customer_of(organisation, document.fields["customer_id"]).fields
        receiver = _receiver(organisation, customer, method, body)
        document.sending, document.sending_since, document.polls_left = method, self.now(), self.polls
        document.mail_to = receiver

    def is_done(self, document: Document) -> bool:
        """Whether a read at this moment finds it sent."""
        if not document.sending or document.sending_since is None:
            return False
        if self.seconds is not None:
            return self.now() - document.sending_since >= timedelta(seconds=self.seconds)
        document.polls_left -= 1
        return document.polls_left <= 0

    def finish(self, organisation: Organisation, document: Document, number: str) -> None:
        """Mail it where jortt is to do that."""
        if document.sending in {"email", "peppol"}:
            organisation.mails.append(Mail(document.sending, document.mail_to, document.id, number))
        document.sending = ""


def _receiver(organisation: Organisation, customer: Mapping[str, Any], method: str, body: Mapping[str, Any]) -> str:
    """The address: of the body, else of the customer; empty where the owner delivers."""
    if method == "self":
        return ""
    if method == "email":
        address = body.get("email_address_customer") or customer["email"]
        if not address:
            raise impossible("Customer::EmailMissing", "The customer has no email address")
        return str(address)
    if not organisation.peppol:
        raise impossible("Peppol::NotEnabled", "To use peppol you need to enable it first")
    scheme, identifier = (body.get(name) or customer[name] for name in ("peppol_scheme_code", "peppol_identifier"))
    if not (scheme and identifier):
        raise impossible("Peppol::ReceiverMissing", "The customer has no peppol scheme and identifier")
    return f"{scheme}:{identifier}"


def require_idle(document: Document) -> None:
    """Raises Refusal while it is being sent."""
    if document.sending:
        raise conflict()


def document_of(documents: Mapping[str, Document], document_id: str) -> Document:
    """Raises Refusal: a malformed id is 422, an unknown or deleted one 404."""
    if not check.uuid(document_id):
        raise invalid(Detail("is_invalid", "id"))
    found = documents.get(document_id)
    if found is None or found.deleted:
        raise not_found()
    return found


def require_references(organisation: Organisation, body: Mapping[str, Any]) -> dict[str, Any]:
    """The customer. Raises Refusal for one that is not there, and for an unknown trade name or label."""
    try:
        customer = customer_of(organisation, body["customer_id"]).fields
    except Refusal:
        raise invalid(Detail("is_invalid", "customer_id")) from None
    tradename = body.get("tradename_id")
    if tradename is not None and tradename not in {each["id"] for each in organisation.tradenames}:
        raise invalid(Detail("is_invalid", "tradename_id"))
    labels = {each["id"] for each in organisation.labels}
    if not set(body.get("label_ids") or []) <= labels:
        raise invalid(Detail("is_invalid", "label_ids"))
    return customer


def require_lines(organisation: Organisation, customer: Mapping[str, Any], lines: Any) -> None:
    """Raises Refusal for lines that are no lines, a rate the customer cannot have, or an account that cannot be chosen."""
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise invalid(Detail("is_invalid", "line_items"))
    allowed = {(Decimal(vat["value"]), vat["category"]) for vat in vats_of(organisation, dict(customer))}
    accounts = {each["ledger_account_id"] for each in organisation.ledger_accounts if each["selectable"]}
    complaints = [Detail(key, f"line_items[{place}][{name}]") for place, line in enumerate(lines) for key, name in _complaints(line)]
    for place, line in enumerate(lines):
        if check.vat(line.get("vat")) and (Decimal(line["vat"]["value"]), line["vat"].get("category")) not in allowed:
            complaints.append(Detail("is_invalid", f"line_items[{place}][vat][value]"))
        if line.get("ledger_account_id") and line["ledger_account_id"] not in accounts:
            complaints.append(Detail("is_invalid", f"line_items[{place}][ledger_account_id]"))
    if complaints:
        raise invalid(*complaints)


def line_fields(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as answers show it. ``total_amount_ex_vat`` is the price of one, as in jortt's own recordings: of no use for control sums."""
    return {
        "description": line["description"],
        "vat": {"value": line["vat"]["value"], "category": line["vat"].get("category")},
        "quantity": line["quantity"],
        "amount": line["amount"],
        "total_amount_ex_vat": money(Decimal(line["amount"]["amount"])),
        "ledger_account_id": line.get("ledger_account_id"),
    }


def discount_fields(discount: Mapping[str, Any]) -> dict[str, Any]:
    """A discount as answers show it."""
    return {"percentage": discount["percentage"], "description": discount.get("description") or ""}


def snapshot(customer: Mapping[str, Any]) -> dict[str, Any]:
    """The customer's data as they are now, flat; later changes of the customer do not reach a document that is sent."""
    return {name: customer[field] for name, field in SNAPSHOT.items()}


def own_words(kind: str, reference: str, seller: str) -> dict[str, Any]:
    """What jortt fills in for a mail."""
    return {
        "default_mail_subject": f"{kind} {reference} van {seller}",
        "default_mail_body": f"Hierbij ontvangt u {kind.lower()} {reference}.",
        "supported_attachment_types": "application/pdf",
        "default_attachments": [],
    }


def year_of(day: str) -> int:
    """The year of a date that passed its check."""
    return int(day[:4])


def day_today(now: Now) -> str:
    """Today as jortt writes it."""
    return today(now).isoformat()


def _complaints(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    missing = [("is_missing", name) for name in _LINE_NEEDS if line.get(name) in (None, "")]
    named = {name for _, name in missing}
    wrong = [
        ("is_invalid", name) for name, good in _LINE.items() if name not in named and line.get(name) is not None and not good(line[name])
    ]
    return [*missing, *wrong]
