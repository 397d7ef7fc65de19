"""`xero`: each document in the books of a Xero organisation (seed 001, Xero)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from domain.companies.plan import BillTo
from entrypoints.configuration.fields import MailAddresses, Text
from entrypoints.configuration.kinds.kind import Kind, Surroundings, Where
from entrypoints.configuration.strict import Strict

_TAX_KEY = re.compile(r"(S|Z|E|AE|K|G|O)( (0|[1-9]\d?|100)(\.\d{1,4})?( [A-Z]{2})?)?")
_SCOPE = re.compile(r"[a-z][a-z._]*")


def _scopes(given: Any) -> Any:
    return given.split() if isinstance(given, str) else given


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError(f"{text!r} is no scope such as accounting.invoices")
    return text


def _tax_key(text: str) -> str:
    if not _TAX_KEY.fullmatch(text):
        raise ValueError(
            f"{text!r} names no tax: write a category (S, Z, E, AE, K, G, O), with a rate as in S 20, or a country as in S 21 BE"
        )
    return text


AccountCode = Annotated[str, StringConstraints(max_length=10, pattern=r"^[^\x00-\x1f]*$")]
TaxType = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[A-Z0-9]+$")]
TaxKey = Annotated[str, AfterValidator(_tax_key)]


class XeroSettings(Strict):
    """The app, the accounts, and how documents are entered."""

    client_id: Annotated[Text, Field(min_length=1, description="The Client ID of your app at Xero.")]
    redirect_uri: Annotated[Text, Field(description="The Redirect URI of your app, the same as at Xero.")] = (
        "http://localhost:8765/callback"
    )
    scopes: Annotated[
        tuple[Annotated[str, AfterValidator(_scope)], ...],
        BeforeValidator(_scopes),
        Field(
            max_length=50,
            description="What the app asks for; default: the granular scopes that are needed, all that apps of 2026 may have.",
        ),
    ] = ()
    process_method: Annotated[
        Literal["untracked", "tracked"],
        Field(description="`untracked`: an invoice; `tracked`: a purchase order and an invoice whose goods are items with a stock."),
    ] = "untracked"
    sales_account: Annotated[AccountCode, Field(min_length=1, description="Code of the account that invoices are booked on.")] = "200"
    cogs_account: Annotated[AccountCode, Field(description="Code of the Cost of Goods Sold account; for `tracked`.")] = ""
    inventory_asset_account: Annotated[AccountCode, Field(description="Code of the Inventory Asset account; for `tracked`.")] = ""
    contact_name: Annotated[
        str, StringConstraints(max_length=255), Field(description="The contact in Xero that invoices go to; not for `bill_to: customer`.")
    ] = ""
    invoice_status: Annotated[
        Literal["draft", "submitted", "authorised"],
        Field(description="`draft`, `submitted` or `authorised`; only the last one counts at once."),
    ] = "authorised"
    sent_to_contact: Annotated[bool, Field(description="Mark documents as sent. Xero mails nothing; only for `authorised`.")] = False
    tax_types: dict[TaxKey, TaxType] = Field(
        default_factory=dict,
        description="Xero's tax type for a category (`K`), with a rate (`S 20`), or of a country (`S 21 BE`); default: chosen.",
    )
    rounding_tolerance: Annotated[
        Decimal,
        Field(ge=0, le=1, decimal_places=2, description="Up to this difference a rounding line makes totals equal; beyond it, a person."),
    ] = Decimal("0.05")
    day_limit: Annotated[Literal[1000, 5000], Field(description="Calls a day that the app's tier allows: 1000 (Starter) or 5000.")] = 1000
    allow_backorders: Annotated[bool, Field(description="`tracked`: sell items that Xero does not have in stock.")] = False
    attach_pdf: Annotated[bool, Field(description="Put the PDF beside each invoice and credit note in Xero; one more call each.")] = False
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be delivered, and that a connection was lost.")] = ""


def check(settings: XeroSettings, around: Surroundings) -> Iterator[tuple[Where, str]]:
    """Tracked needs its accounts, and somebody must be billed."""
    company = around.company
    if settings.process_method == "tracked":
        for key in ("cogs_account", "inventory_asset_account"):
            if not getattr(settings, key):
                yield key, "process_method: tracked needs it."
    elif settings.allow_backorders:
        yield "allow_backorders", "This is for process_method: tracked only."
    if company and company.plan.bill_to is BillTo.COMPANY and not settings.contact_name:
        yield "contact_name", "Write the name of the contact in Xero that the invoices go to."
    if settings.sent_to_contact and settings.invoice_status != "authorised":
        yield "sent_to_contact", "Xero marks only authorised documents as sent: set invoice_status: authorised, or leave this out."


KIND = Kind("xero", XeroSettings, secrets={"client_secret": "The Client Secret of your app at Xero."}, check=check)
