"""Estimates: like invoices, without dates of payment, and never booked. jortt has no call to delete one."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.fakes.jortt import parameters as check
from tests.fakes.jortt.books import Document, Now, Organisation
from tests.fakes.jortt.documents import (
    SEND_METHODS,
    Sending,
    day_today,
    discount_fields,
    document_of,
    line_fields,
    require_idle,
    require_lines,
    require_references,
    snapshot,
    year_of,
)
from tests.fakes.jortt.errors import Detail, impossible, invalid
from tests.fakes.jortt.http import Reply, Request, json_reply
from tests.fakes.jortt.listing import Pages, SearchIndex, query_of
from tests.fakes.jortt.money import money, totals_of

WRITABLE: dict[str, check.Check] = {
    "customer_id": check.uuid,
    "tradename_id": check.uuid,
    "valid_until": check.day,
    "net_amounts": check.flag,
    "send_method": check.one_of(*SEND_METHODS),
    "email_address_customer": check.text,
    "introduction": check.text,
    "remarks": check.text,
    "reference": check.text,
    "discounts": check.discounts,
    "line_items": lambda value: isinstance(value, list),
}
SEND_FIELDS = frozenset({"send_method", "email_address_customer"})
_STATUSES = ("draft", "sent", "expired", "invoiced")
_KEPT = ("tradename_id", "valid_until", "introduction", "remarks", "reference")


@dataclass
class Estimates:
    """What can be done with estimates."""

    now: Now
    index: SearchIndex
    pages: Pages
    sending: Sending

    def create(self, organisation: Organisation, request: Request) -> Reply:
        """Only the id comes back."""
        body = check.body_of(request)
        estimate = Document(self._fields(str(uuid4()), organisation, body), self.now())
        if body.get("send_method"):
            self.sending.begin(organisation, estimate, body)
        organisation.estimates[estimate.id] = estimate
        return json_reply(201, {"data": {"id": estimate.id}})

    def read(self, organisation: Organisation, request: Request, estimate_id: str) -> Reply:
        """A read counts towards the end of sending."""
        estimate = document_of(organisation.estimates, estimate_id)
        self._settle(organisation, estimate)
        return json_reply(200, {"data": estimate.fields, "possible_actions": []})

    def replace(self, organisation: Organisation, request: Request, estimate_id: str) -> Reply:
        """Only what is sent changes; also of one that is sent already, as long as nobody accepted it."""
        estimate, body = self._open(organisation, estimate_id), check.body_of(request)
        kept = {name: estimate.fields[name] for name in (*_KEPT, "customer_id", "net_amounts", "line_items", "discounts")}
        state = {name: estimate.fields[name] for name in ("estimate_status", "acceptance_status", "estimate_number")}
        estimate.fields = {**self._fields(estimate.id, organisation, {**kept, **body}), **state}
        return Reply(200, b"")

    def send(self, organisation: Organisation, request: Request, estimate_id: str) -> Reply:
        """Schedule it."""
        estimate, body = self._open(organisation, estimate_id), check.body_of(request)
        fields = {"send_method": check.one_of(*SEND_METHODS), "email_address_customer": check.text}
        check.require(body, fields, ("send_method",))
        self.sending.begin(organisation, estimate, body)
        return Reply(200, b"")

    def list(self, organisation: Organisation, request: Request) -> Reply:
        """In the order of creation. What it shows counts as read, towards the end of sending."""
        query, status = query_of(request), request.query.get("estimate_status", "")
        if status and status not in _STATUSES:
            raise invalid(Detail("is_invalid", "estimate_status"))
        found = [each for each in organisation.estimates.values() if status in {"", each.fields["estimate_status"]}]
        if query:
            found = [each for each in self.index.search(found, query, self.index.document_fields) if isinstance(each, Document)]
        for estimate in found:
            self._settle(organisation, estimate)
        return self.pages.reply(request, [each.fields for each in found])

    def _settle(self, organisation: Organisation, estimate: Document) -> None:
        if self.sending.is_done(estimate):
            number = estimate.fields["estimate_number"] or organisation.next_number("estimate", year_of(day_today(self.now)))
            estimate.fields |= {"estimate_status": "sent", "acceptance_status": "pending", "estimate_number": number}
            self.sending.finish(organisation, estimate, number)

    def _open(self, organisation: Organisation, estimate_id: str) -> Document:
        estimate = document_of(organisation.estimates, estimate_id)
        require_idle(estimate)
        if estimate.fields["acceptance_status"] in {"accepted", "signed"} or estimate.fields["estimate_status"] == "invoiced":
            raise impossible("Estimate::Accepted", "The estimate has been accepted, signed or invoiced")
        return estimate

    def _fields(self, estimate_id: str, organisation: Organisation, body: dict[str, Any]) -> dict[str, Any]:
        check.require(body, WRITABLE, ("customer_id", "line_items"))
        customer = require_references(organisation, body)
        require_lines(organisation, customer, body["line_items"])
        totals = totals_of(body["line_items"], body.get("discounts") or [], vat_included=bool(body.get("net_amounts")))
        return {
            **{name: body.get(name) for name in _KEPT},
            **snapshot(customer),
            "id": estimate_id,
            "customer_id": body["customer_id"],
            "estimate_status": "draft",
            "acceptance_status": None,
            "estimate_number": None,
            "total": money(totals.net),
            "total_incl_vat": money(totals.gross),
            "net_amounts": bool(body.get("net_amounts")),
            "line_items": [line_fields(line) for line in body["line_items"]],
            "discounts": [discount_fields(each) for each in body.get("discounts") or []],
            "sent_or_modified_on": day_today(self.now),
        }
