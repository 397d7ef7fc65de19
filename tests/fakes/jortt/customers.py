"""Customers."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.fakes.jortt import parameters as check
from tests.fakes.jortt.books import DUTCH_RATES, Now, Organisation, Record
from tests.fakes.jortt.errors import Detail, invalid, not_found
from tests.fakes.jortt.http import Reply, Request, json_reply
from tests.fakes.jortt.listing import Pages, SearchIndex, query_of

_COMPANY_NEEDS = ("address_street", "address_postal_code", "address_city")
_EU = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())
WRITABLE: dict[str, check.Check] = {
    **dict.fromkeys(
        """customer_name address_street address_postal_code address_city address_extra_information vat_number coc_number initials first_name
        last_name citizen_service_number attn phonenumber website email email_salutation additional_information reference
        default_discount_description peppol_scheme_code peppol_identifier""".split(),
        check.text,
    ),
    "is_private": check.flag,
    "shift_vat": check.flag,
    "address_country_code": check.country,
    "date_of_birth": check.day,
    "cc_emails": check.texts,
    "payment_term": check.whole,
    "default_discount_percentage": check.whole,
    "default_label_id": check.uuid,
    "default_ledger_account_id": check.uuid,
    "salutation": check.one_of("sir", "madam", "family"),
    "invoice_language": check.one_of("nl", "de", "en", "fr", "es"),
    "payment_method_invoice": check.one_of("pay_later", "direct_debit", "already_paid"),
}
_READ_ONLY = ("address_country_name", "mollie_direct_debit_status", "mollie_customer_id", "mollie_mandate_id")
_NAMES = {"NL": "Nederland", "BE": "België", "DE": "Duitsland", "GB": "Verenigd Koninkrijk"}


@dataclass
class Customers:
    """What can be done with customers."""

    now: Now
    index: SearchIndex
    pages: Pages

    def create(self, organisation: Organisation, request: Request) -> Reply:
        """Only the id comes back."""
        return json_reply(201, {"data": {"id": self.add(organisation, check.body_of(request)).id}})

    def add(self, organisation: Organisation, body: dict[str, Any]) -> Record:
        """Keep a new customer. Raises Refusal."""
        _require(body)
        record = Record(_fields(str(uuid4()), organisation, body), self.now())
        organisation.customers[record.id] = record
        return record

    def read(self, organisation: Organisation, request: Request, customer_id: str) -> Reply:
        """Everything empty is an explicit null."""
        extra = {"href": f"{self.pages.address()}{request.path}/extra_details", "type": "application/json"}
        return json_reply(200, {"data": customer_of(organisation, customer_id).fields, "_links": {"extra_details": extra}})

    def replace(self, organisation: Organisation, request: Request, customer_id: str) -> Reply:
        """The whole record: what is left out becomes empty."""
        record, body = customer_of(organisation, customer_id), check.body_of(request)
        _require(body)
        record.fields = {**_fields(record.id, organisation, body), "archived": record.fields["archived"]}
        return Reply(204)

    def delete(self, organisation: Organisation, request: Request, customer_id: str) -> Reply:
        """It stays in the books, and is found no more."""
        customer_of(organisation, customer_id).deleted = True
        return Reply(204)

    def archive(self, organisation: Organisation, request: Request, customer_id: str) -> Reply:
        """Archived customers are still listed."""
        record, body = customer_of(organisation, customer_id), check.body_of(request)
        check.require(body, {"archived": check.flag}, ("archived",))
        record.fields["archived"] = body["archived"]
        return Reply(204)

    def list(self, organisation: Organisation, request: Request) -> Reply:
        """Sorted by name."""
        query = query_of(request)
        found = [record for record in organisation.customers.values() if not record.deleted]
        if query:
            found = self.index.search(found, query, self.index.customer_fields)
        found.sort(key=lambda record: (record.fields["customer_name"].casefold(), record.id))
        return self.pages.reply(request, [record.fields for record in found])

    def vat_percentages(self, organisation: Organisation, request: Request, customer_id: str) -> Reply:
        """What may stand on a line for this customer."""
        record = customer_of(organisation, customer_id)
        return json_reply(200, {"data": {"id": record.id, "vats": vats_of(organisation, record.fields)}})


def customer_of(organisation: Organisation, customer_id: str) -> Record:
    """Raises Refusal: a malformed id is 422, an unknown or deleted one 404."""
    if not check.uuid(customer_id):
        raise invalid(Detail("is_invalid", "customer_id"))
    record = organisation.customers.get(customer_id)
    if record is None or record.deleted:
        raise not_found()
    return record


def vats_of(organisation: Organisation, customer: dict[str, Any]) -> list[dict[str, Any]]:
    """No VAT where it is shifted or outside the EU; the destination's rates for consumers under the one-stop shop; else the Dutch ones."""
    country = customer["address_country_code"]
    if customer["shift_vat"] or country not in _EU:
        rates: tuple[str, ...] = ("0.00",)
    elif customer["is_private"] and organisation.one_stop_shop:
        rates = organisation.rates.get(country, DUTCH_RATES)
    else:
        rates = DUTCH_RATES
    exempt = [{"value": "0.00", "category": "exempt"}] if organisation.exempt else []
    return [*({"value": rate, "category": None} for rate in rates), *exempt]


def is_in_eu(country: str) -> bool:
    """Whether VAT law takes it for one of its own."""
    return country in _EU


def _require(body: dict[str, Any]) -> None:
    needed: tuple[str, ...] = ("is_private", "customer_name")
    if body.get("is_private") is False:
        needed = (*needed, *_COMPANY_NEEDS)
    if body.get("shift_vat") is True:
        needed = (*needed, "vat_number")
    check.require(body, WRITABLE, needed)


def _fields(customer_id: str, organisation: Organisation, body: dict[str, Any]) -> dict[str, Any]:
    country = body.get("address_country_code") or "NL"
    written = {name: body.get(name) if body.get(name) != "" else None for name in WRITABLE if name != "salutation"}
    return {
        "id": customer_id,
        **written,
        **dict.fromkeys(_READ_ONLY),
        "address_country_code": country,
        "address_country_name": _NAMES.get(country, country),
        "shift_vat": bool(body.get("shift_vat")),
        "cc_emails": body.get("cc_emails") or [],
        "payment_term": organisation.payment_term if body.get("payment_term") is None else body["payment_term"],
        "invoice_language": body.get("invoice_language") or "nl",
        "payment_method_invoice": body.get("payment_method_invoice") or "pay_later",
        "archived": False,
    }
