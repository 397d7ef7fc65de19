"""Invoices and credit notes: drafts until they are sent, then fixed and numbered."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.fakes.jortt import parameters as check
from tests.fakes.jortt.books import Document, Now, Organisation, stamp
from tests.fakes.jortt.customers import is_in_eu
from tests.fakes.jortt.documents import (
    SEND_METHODS,
    Sending,
    day_today,
    discount_fields,
    document_of,
    line_fields,
    own_words,
    require_idle,
    require_lines,
    require_references,
    snapshot,
    year_of,
)
from tests.fakes.jortt.errors import Detail, Refusal, impossible, invalid
from tests.fakes.jortt.http import Reply, Request, json_reply
from tests.fakes.jortt.listing import Pages, SearchIndex, query_of
from tests.fakes.jortt.money import money, totals_of

WRITABLE: dict[str, check.Check] = {
    "customer_id": check.uuid,
    "invoice_date": check.day,
    "tradename_id": check.uuid,
    "label_ids": check.texts,
    "delivery_period": check.day,
    "delivery_period_end": check.day,
    "payment_term": check.whole,
    "net_amounts": check.flag,
    "send_method": check.one_of(*SEND_METHODS),
    "introduction": check.text,
    "remarks": check.text,
    "reference": check.text,
    "payment_method": check.one_of("pay_later", "direct_debit", "already_paid"),
    "discounts": check.discounts,
    "sold_via_platform": check.flag,
    "line_items": lambda value: isinstance(value, list),
}
_SEND: dict[str, check.Check] = {
    **dict.fromkeys("email_address_customer mail_subject mail_body peppol_scheme_code peppol_identifier".split(), check.text),
    **dict.fromkeys("cc_addresses attachment_ids attachment_mime_types".split(), check.texts),
    "send_method": check.one_of(*SEND_METHODS),
    "send_copy_to_me": check.flag,
}
SEND_FIELDS = frozenset(_SEND)
_MAIL_NEEDS = ("email_address_customer", "mail_subject", "mail_body")
_STATUSES = ("draft", "sent", "unpaid", "late", "paid")
_KEPT = ("tradename_id", "delivery_period", "delivery_period_end", "introduction", "remarks", "reference", "payment_term", "label_ids")


@dataclass
class Invoices:
    """What can be done with invoices."""

    now: Now
    index: SearchIndex
    pages: Pages
    sending: Sending

    def create(self, organisation: Organisation, request: Request) -> Reply:
        """Only the id comes back. With a send method the invoice is scheduled for sending too."""
        return json_reply(201, {"data": {"id": self.add(organisation, check.body_of(request)).id}})

    def add(self, organisation: Organisation, body: dict[str, Any]) -> Document:
        """Keep a new draft. Raises Refusal, and then keeps nothing."""
        invoice = Document(self._fields(str(uuid4()), organisation, body), self.now())
        if body.get("send_method"):
            self.sending.begin(organisation, invoice, body)
        organisation.invoices[invoice.id] = invoice
        return invoice

    def read(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """A read counts towards the end of sending."""
        invoice = document_of(organisation.invoices, invoice_id)
        self._settle(organisation, invoice)
        draft = invoice.fields["invoice_status"] == "draft"
        return json_reply(200, {"data": _shown(invoice), "possible_actions": ["edit", "delete", "send"] if draft else ["credit", "copy"]})

    def replace(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """Only what is sent changes; only of a draft."""
        invoice, body = self._draft(organisation, invoice_id), check.body_of(request)
        fields = self._fields(invoice.id, organisation, {**_as_sent(invoice), **body})
        credit = invoice.fields["credited_invoice_id"]
        invoice.fields = {**fields, "credited_invoice_id": credit, "created_at": invoice.fields["created_at"]}
        if body.get("send_method"):
            self.sending.begin(organisation, invoice, body)
        return Reply(200, b"")

    def delete(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """Only a draft."""
        invoice = self._draft(organisation, invoice_id)
        invoice.deleted = True
        credited = organisation.invoices.get(invoice.fields["credited_invoice_id"] or "")
        if credited is not None:
            credited.fields["credit_invoice_ids"].remove(invoice.id)
        return Reply(204)

    def send(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """Mail needs address, subject and text."""
        invoice, body = self._draft(organisation, invoice_id), check.body_of(request)
        mail = body.get("send_method") == "email"
        check.require(body, _SEND, ("send_method", *(_MAIL_NEEDS if mail else ())))
        _require_open(organisation, invoice.fields["invoice_date"])
        self.sending.begin(organisation, invoice, body)
        return Reply(200, b"")

    def credit(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """A new draft with the quantities turned round; only of an invoice that is sent."""
        invoice = document_of(organisation.invoices, invoice_id)
        body = check.body_of(request) if request.body else {}
        check.require(body, {"send_method": check.one_of(*SEND_METHODS)}, ())
        if invoice.fields["invoice_status"] != "sent":
            raise impossible("Invoice::NotSent", "Only an invoice that is sent can be credited")
        if invoice.fields["credited_invoice_id"]:
            raise impossible("Invoice::IsCredit", "A credit invoice cannot be credited")
        lines = [{**line, "quantity": _negative(line["quantity"])} for line in invoice.fields["line_items"]]
        kept = {**_as_sent(invoice), "line_items": lines, "invoice_date": day_today(self.now), "remarks": None, "reference": None}
        credit = self.add(organisation, {**kept, **body})
        credit.fields["credited_invoice_id"] = invoice.id
        invoice.fields["credit_invoice_ids"].append(credit.id)
        return json_reply(201, {"data": {"id": credit.id}})

    def list(self, organisation: Organisation, request: Request) -> Reply:
        """In the order of creation. What it shows counts as read, towards the end of sending."""
        query, status = query_of(request), request.query.get("invoice_status", "")
        if status and status not in _STATUSES:
            raise invalid(Detail("is_invalid", "invoice_status"))
        found = [invoice for invoice in organisation.invoices.values() if not invoice.deleted and self._is(invoice, status)]
        if query:
            found = [each for each in self.index.search(found, query, self.index.document_fields) if isinstance(each, Document)]
        for invoice in found:
            self._settle(organisation, invoice)
        return self.pages.reply(request, [_shown(invoice) for invoice in found])

    def send_settings(self, organisation: Organisation, request: Request, invoice_id: str) -> Reply:
        """The words that jortt itself would mail it with."""
        reference = document_of(organisation.invoices, invoice_id).fields["reference"] or ""
        return json_reply(200, {"data": own_words("Factuur", reference, organisation.name)})

    def finalise(self, organisation: Organisation, invoice: Document) -> None:
        """Number it. From here on it never changes."""
        invoice.fields["invoice_number"] = organisation.next_number("invoice", year_of(invoice.fields["invoice_date"]))
        invoice.fields |= {"invoice_status": "sent", "invoice_date_sent": day_today(self.now), "send_method": invoice.sending or "self"}
        self.sending.finish(organisation, invoice, invoice.fields["invoice_number"])

    def _settle(self, organisation: Organisation, invoice: Document) -> None:
        if self.sending.is_done(invoice):
            self.finalise(organisation, invoice)

    def _is(self, invoice: Document, status: str) -> bool:
        if status in {"", "draft", "sent"}:
            return status in {"", invoice.fields["invoice_status"]}
        if invoice.fields["invoice_status"] != "sent":
            return False
        paid = Decimal(invoice.fields["invoice_due_amount"]["amount"]) == 0
        late = invoice.fields["invoice_due_date"] < day_today(self.now)
        return {"paid": paid, "unpaid": not paid, "late": late and not paid}[status]

    def _draft(self, organisation: Organisation, invoice_id: str) -> Document:
        invoice = document_of(organisation.invoices, invoice_id)
        require_idle(invoice)
        if invoice.fields["invoice_status"] != "draft":
            raise impossible("Invoice::Finalized", "The invoice has been finalized")
        return invoice

    def _fields(self, invoice_id: str, organisation: Organisation, body: dict[str, Any]) -> dict[str, Any]:
        check.require(body, WRITABLE, ("customer_id", "line_items"))
        if body.get("delivery_period_end") and not body.get("delivery_period"):
            raise invalid(Detail("is_missing", "delivery_period"))
        customer = require_references(organisation, body)
        require_lines(organisation, customer, body["line_items"])
        day = body.get("invoice_date") or day_today(self.now)
        _require_open(organisation, day)
        term = customer["payment_term"] if body.get("payment_term") is None else body["payment_term"]
        totals = totals_of(body["line_items"], body.get("discounts") or [], vat_included=bool(body.get("net_amounts")))
        return {
            **_blank(),
            **{name: body.get(name) for name in _KEPT},
            **snapshot(customer),
            "id": invoice_id,
            "customer_id": body["customer_id"],
            "invoice_date": day,
            "invoice_due_date": (date.fromisoformat(day) + timedelta(days=term)).isoformat(),
            "invoice_delivery_period": body.get("delivery_period"),
            "invoice_delivery_period_end": body.get("delivery_period_end"),
            "invoice_total": money(totals.net),
            "invoice_total_incl_vat": money(totals.gross),
            "invoice_due_amount": money(totals.gross),
            "net_amounts": bool(body.get("net_amounts")),
            "payment_method": body.get("payment_method") or customer["payment_method_invoice"],
            "customer_in_eu": is_in_eu(customer["address_country_code"]),
            "customer_reference": customer["reference"],
            "customer_is_private": customer["is_private"],
            "customer_mail_to": customer["email"],
            "customer_mail_cc_addresses": customer["cc_emails"],
            "line_items": [line_fields(line) for line in body["line_items"]],
            "discounts": [discount_fields(each) for each in body.get("discounts") or []],
            "created_at": stamp(self.now()),
            "credit_invoice_ids": [],
        }


def _blank() -> dict[str, Any]:
    empty = "invoice_number invoice_date_sent send_method credited_invoice_id last_reminded_at peppol_status".split()
    return {**dict.fromkeys(empty), "invoice_status": "draft", "invoice_marked_free_of_vat": False, "number_of_reminders_sent": 0}


def _shown(invoice: Document) -> dict[str, Any]:
    hidden = {"delivery_period", "delivery_period_end", "payment_term", "label_ids"}
    return {name: value for name, value in invoice.fields.items() if name not in hidden}


def _as_sent(invoice: Document) -> dict[str, Any]:
    """The invoice in the shape it was made from."""
    names = (*_KEPT, "customer_id", "invoice_date", "net_amounts", "payment_method", "line_items", "discounts")
    return {name: invoice.fields[name] for name in names}


def _negative(quantity: str) -> str:
    return quantity[1:] if quantity.startswith("-") else f"-{quantity}"


def _require_open(organisation: Organisation, day: str) -> None:
    if year_of(day) in organisation.closed_years:
        raise Refusal(
            422,
            "operation.year_closed",
            message=f"The operation could not be executed because it affects a closed financial year: {day[:4]}.",
        )
