"""`fortnox`: each invoice, or each order, in Fortnox (seed 003)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS
from entrypoints.configuration.fields import Currency, MailAddresses, Text
from entrypoints.configuration.kinds.hand_off import field_map_mistakes
from entrypoints.configuration.kinds.kind import Kind, Surroundings, Where
from entrypoints.configuration.strict import Strict

# By these a document is found again, and by these it has its amounts: no map may change them.
_OURS = frozenset({"ExternalInvoiceReference1", "ExternalInvoiceReference2", "DocumentNumber", "CustomerNumber", "VATIncluded", "Currency"})
_OURS_OF_CUSTOMERS = frozenset({"CustomerNumber", "Email", "VATType"})
_OURS_OF_ROWS = frozenset({"Price", "DeliveredQuantity", "OrderedQuantity", "VAT", "VATCode", "Discount", "DiscountType", "RowId"})
_AMOUNTS = frozenset({"Freight", "AdministrationFee", "TaxReductionType"})
_ROWS = {"order": "OrderRows", "invoice": "InvoiceRows"}

Code = Annotated[str, StringConstraints(min_length=1, max_length=25, pattern=r"^[^\x00-\x1f]*$")]
Rate = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
Scope = Annotated[str, StringConstraints(min_length=2, max_length=50, pattern=r"^[a-z]+$")]


def _words(given: Any) -> Any:
    return given.split() if isinstance(given, str) else given


class FortnoxSettings(Strict):
    """The app, the document, and what stands in for what."""

    client_id: Annotated[Text, Field(min_length=1, description="The Client ID of your integration at Fortnox.")]
    redirect_uri: Annotated[Text, Field(description="The Redirect URI of your integration, the same as at Fortnox.")] = (
        "http://localhost:8765/callback"
    )
    grant: Annotated[
        Literal["client_credentials", "authorization_code"],
        Field(description="`client_credentials`: a service account, consent once; `authorization_code`: a user, tokens that rotate."),
    ] = "client_credentials"
    tenant_id: Annotated[
        Text, Field(description="The company's database number, for `client_credentials`; default: as `connect` found.")
    ] = ""
    scopes: Annotated[
        tuple[Scope, ...],
        BeforeValidator(_words),
        Field(
            max_length=50,
            description="What the consent is asked for, where the company has not the licences for all of the default: see the how-to.",
        ),
    ] = ()
    document: Annotated[
        Literal["invoice", "order"], Field(description="`invoice`: each invoice and credit note; `order`: each order, once it is billable.")
    ] = "invoice"
    status: Annotated[Literal["draft", "sent"], Field(description="`draft`: entered only; `sent`: also sent, as `send_method` says.")] = (
        "draft"
    )
    send_method: Annotated[
        Literal["email", "print", "none"],
        Field(
            description="With `status: sent`. `email`: Fortnox mails it; `print`: Fortnox prints it to a file; `none`: only marked as sent."
        ),
    ] = "email"
    default_customer: Annotated[
        Code | Literal[""], Field(description="A customer number for all documents; default: each buyer's own.")
    ] = ""
    articles: Annotated[
        Literal["create", "fallback", "none", ""],
        Field(
            description="What Fortnox has not: `create` it, or take the `fallback` (default where one is named); `none`: rows name none."
        ),
    ] = ""
    fallback_article: Annotated[
        str, StringConstraints(max_length=50), Field(description="The article number that stands in; makes `articles` be `fallback`.")
    ] = ""
    payment_terms: dict[Code, Code] = Field(
        default_factory=dict,
        description="Fortnox's terms of payment by our days, e.g. `{30: 30, 0: K}`; default: those called as the days.",
    )
    payment_methods: dict[Text, Code] = Field(
        default_factory=dict,
        description="Of orders, also those that a flow makes invoices of: the terms of payment by `payment_type`, before `payment_terms`.",
    )
    currency_rates: dict[Currency, Rate] = Field(
        default_factory=dict, description="Kronor for one unit of a currency; default: the rate in Fortnox's register."
    )
    rounding_tolerance: Annotated[
        Decimal,
        Field(ge=0, le=1, decimal_places=2, description="Up to this difference a rounding row makes totals equal; beyond it, a person."),
    ] = Decimal("0.05")
    rounding_account: Annotated[int, Field(ge=1000, le=9999, description="The account of that row: Öres- och kronutjämning.")] = 3740
    field_map: dict[str, Any] = Field(
        default_factory=dict, description="Fields of your own over those that are sent: [field map](field-map.md)."
    )
    vies_check: Annotated[
        bool, Field(description="What charges no tax because of the buyer's VAT number waits until VIES knows the number as valid.")
    ] = True
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be delivered, and that a connection was lost.")] = ""


def check(settings: FortnoxSettings, _around: Surroundings) -> Iterator[tuple[Where, str]]:
    """A fallback needs its article, and a map must leave our fields alone."""
    if settings.articles == "fallback" and not settings.fallback_article:
        yield "fallback_article", "articles: fallback needs it."
    if settings.articles in {"create", "none"} and settings.fallback_article:
        yield "fallback_article", f"With articles: {settings.articles} it would never be used: leave it out, or set articles: fallback."
    if settings.tenant_id and settings.grant != "client_credentials":
        yield "tenant_id", "With grant: authorization_code the consent says which company: leave this out."
    declared = settings.model_dump(mode="json")["field_map"]
    if declared:
        yield from field_map_mistakes(declared, ORDER_ROOTS if settings.document == "order" else INVOICE_ROOTS)
        for target in declared:
            if _is_ours(target, _ROWS[settings.document]):
                yield ("field_map", target), "Billhook itself sets this field: by it documents are found again, or have their amounts."


def _is_ours(target: str, rows: str) -> bool:
    group, _, name = target.partition(".")
    if group == "Customer":
        return name in _OURS_OF_CUSTOMERS
    if group.startswith(rows):
        return not group.endswith("[]") or name in _OURS_OF_ROWS
    return group in _OURS | _AMOUNTS


KIND = Kind("fortnox", FortnoxSettings, secrets={"client_secret": "The Client Secret of your integration at Fortnox."}, check=check)
