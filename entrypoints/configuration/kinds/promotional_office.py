"""`promotional_office`: each order, or each invoice, by an operation of a SOAP service (seed facts 4: generic, by its WSDL)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from entrypoints.configuration.fields import Name, Text
from entrypoints.configuration.kinds.hand_off import HandOffSettings, check_address, check_field_map
from entrypoints.configuration.kinds.kind import Kind, Surroundings, Where

_NAME = "promotional_office"
SECRETS = {"password": "The password of the log-in."}


class PromotionalOfficeSettings(HandOffSettings):
    """Which operation of which service is called."""

    wsdl: Annotated[
        str, Field(min_length=1, max_length=2000, description="An https address, or the full path of a file that every worker has.")
    ]
    operation: Annotated[Name, Field(description="The operation that takes the document.")]
    service: Annotated[Text, Field(description="The service in the WSDL; needed where it has several.")] = ""
    port_name: Annotated[Text, Field(description="The port of the service; default: its first.")] = ""
    address: Annotated[str, Field(max_length=2000, description="Where calls go; default: as the WSDL says.")] = ""
    log_in: Annotated[
        Literal["username_token", "digest", "basic", "none"],
        Field(description="`username_token` or `digest` (WS-Security), `basic` (HTTP) or `none`."),
    ] = "username_token"


def check(settings: PromotionalOfficeSettings, _around: Surroundings) -> Iterator[tuple[Where, str]]:
    """Address, log-in and field map. What is in the WSDL is seen by `billhook integrations check`."""
    if "://" in settings.wsdl:
        yield from check_address("wsdl", settings.wsdl)
    elif not settings.wsdl.startswith("/"):
        yield "wsdl", "Here an https address or the full path of a file is expected."
    if settings.address:
        yield from check_address("address", settings.address)
    if settings.log_in != "none" and not settings.username:
        yield "username", f"log_in: {settings.log_in} needs it; or set log_in to none."
    if settings.log_in == "none" and settings.username:
        yield "username", "With log_in: none nobody is told this: leave it out, or choose a log_in."
    yield from check_field_map(_NAME, settings)


KIND = Kind(_NAME, PromotionalOfficeSettings, secrets=SECRETS, check=check)
