"""What is only read, or nearly: the organisation, accounts, labels, trade names."""

from typing import Any
from uuid import uuid4

from tests.fakes.jortt import parameters as check
from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.http import Reply, Request, json_reply

_EMPTY = """company_name_line_2 address_street address_postal_code address_city tax_registration_number chamber_of_commerce_number
bank_account_iban bank_account_bban legal_form website phonenumber invoice_from_email jortt_start_date""".split()


def organisation_me(organisation: Organisation, request: Request) -> Reply:
    """The organisation of the token."""
    return json_reply(200, {"data": {**dict.fromkeys(_EMPTY), **_described(organisation)}})


def ledger_accounts(organisation: Organisation, request: Request) -> Reply:
    """The accounts for invoices, a tree; roots have no parent."""
    return json_reply(200, {"data": organisation.ledger_accounts})


def labels(organisation: Organisation, request: Request) -> Reply:
    """The labels."""
    return json_reply(200, {"data": organisation.labels})


def create_label(organisation: Organisation, request: Request) -> Reply:
    """A label of the user's."""
    body = check.body_of(request)
    check.require(body, {"description": check.text}, ("description",))
    label = {"id": str(uuid4()), "description": body["description"], "category": "user_label"}
    organisation.labels.append(label)
    return json_reply(201, {"data": {"id": label["id"]}})


def tradenames(organisation: Organisation, request: Request) -> Reply:
    """The names under which it trades."""
    return json_reply(200, {"data": organisation.tradenames})


def _described(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "company_name": organisation.name,
        "vat_type": "regular",
        "address_country_code": "NL",
        "address_country_name": "Nederland",
        "owners": [],
        "one_stop_shop_enabled": organisation.one_stop_shop,
        "has_mollie": False,
        "invoice_from_email_confirmed": True,
        "data_complete_for_sending_invoices": True,
        "default_vat": {"value": "0.21", "category": None},
        "has_peppol_access": organisation.peppol,
    }
