"""`jortt`: each invoice, or each order, in jortt (seed 003)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from application.accounting.jortt_fields import CUSTOMER, LINES, OF_CUSTOMERS, OF_DOCUMENTS, OF_LINES, is_jortt_field
from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS
from entrypoints.configuration.fields import MailAddresses, Text
from entrypoints.configuration.kinds.hand_off import field_map_mistakes
from entrypoints.configuration.kinds.kind import Kind, Surroundings, Where
from entrypoints.configuration.strict import Strict
from entrypoints.suggestions import did_you_mean

_TARGETS = (*OF_DOCUMENTS, *(f"{CUSTOMER}.{name}" for name in OF_CUSTOMERS), *(f"{LINES}[].{name}" for name in OF_LINES))
Prefix = Annotated[str, StringConstraints(max_length=50, pattern=r"^(/[a-z0-9.-]+)*$")]
Mail = Annotated[str, StringConstraints(max_length=5000)]
Scope = Annotated[str, StringConstraints(min_length=3, max_length=50, pattern=r"^[a-z_]+:[a-z_]+$")]


def _words(given: Any) -> Any:
    return given.split() if isinstance(given, str) else given


class JorttSettings(Strict):
    """The app, the document, and how it is sent."""

    client_id: Annotated[Text, Field(min_length=1, description="The Client ID of your app at jortt.")]
    redirect_uri: Annotated[Text, Field(description="For `authorization_code`: the Redirect URI of your app, the same as at jortt.")] = (
        "http://localhost:8765/callback"
    )
    grant: Annotated[
        Literal["client_credentials", "authorization_code"],
        Field(
            description="`client_credentials`: an app of your own administration; `authorization_code`: an app for others, with consent."
        ),
    ] = "client_credentials"
    scopes: Annotated[
        tuple[Scope, ...],
        BeforeValidator(_words),
        Field(max_length=50, description="What a token is asked for, where the app has not all of the default: see the how-to."),
    ] = ()
    document: Annotated[
        Literal["invoice", "order", "estimate"],
        Field(
            description="`invoice`: each invoice and credit note. jortt has no orders: `order` enters each billable order as an invoice of "
            "its own, `estimate` as an estimate."
        ),
    ] = "invoice"
    status: Annotated[Literal["draft", "sent"], Field(description="`draft`: entered only; `sent`: also sent, as `send_method` says.")] = (
        "draft"
    )
    send_method: Annotated[
        Literal["self", "email", "peppol"],
        Field(description="With `status: sent`. `self`: made final, you deliver it; `email` or `peppol`: jortt delivers it."),
    ] = "self"
    mail_subject: Annotated[
        Mail, Field(description="For `email`, with `{number}`, `{seller}` and `{total}`; default: jortt's own words, which save a call.")
    ] = ""
    mail_body: Annotated[Mail, Field(description="The same for the text of the mail.")] = ""
    default_customer: Annotated[
        Text, Field(description="One customer for all documents, by name, reference or id; default: each buyer's own.")
    ] = ""
    rounding_tolerance: Annotated[
        Decimal,
        Field(ge=0, le=1, decimal_places=2, description="Up to this difference totals may differ by rounding; beyond it, a person."),
    ] = Decimal("0.01")
    field_map: dict[str, Any] = Field(
        default_factory=dict, description="Fields of your own over those that are sent: [field map](field-map.md)."
    )
    path_prefix: Annotated[Prefix, Field(description="The version of the API: what its addresses begin with.")] = "/v3"
    vies_check: Annotated[
        bool, Field(description="What charges no tax because of the buyer's VAT number waits until VIES knows the number as valid.")
    ] = True
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be delivered, and that a connection was lost.")] = ""


def check(settings: JorttSettings, _around: Surroundings) -> Iterator[tuple[Where, str]]:
    """An estimate has no Peppol, texts are for mails, and a map must leave our fields alone."""
    if settings.document == "estimate" and settings.send_method == "peppol":
        yield "send_method", "Estimates do not go over Peppol: choose self or email."
    for key in ("mail_subject", "mail_body"):
        if getattr(settings, key) and settings.send_method != "email":
            yield key, "This is for send_method: email only."
        elif getattr(settings, key) and settings.document == "estimate":
            yield key, "jortt takes no words for the mail of an estimate: leave it out."
    declared = settings.model_dump(mode="json")["field_map"]
    if declared:
        yield from field_map_mistakes(declared, INVOICE_ROOTS if settings.document == "invoice" else ORDER_ROOTS)
        for target in declared:
            if not is_jortt_field(target):
                yield ("field_map", target), f"A map to jortt cannot give this field. {did_you_mean(target, _TARGETS)}".rstrip()


KIND = Kind("jortt", JorttSettings, secrets={"client_secret": "The Client Secret of your app at jortt."}, check=check)
