"""The settings that every kind of hand-off shares, and the check of its field map."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from application.default_field_maps import default_field_map
from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS
from domain.mapping.errors import FieldMapRefused, Mistake
from domain.mapping.field_map import parse_field_map
from entrypoints.configuration.fields import MailAddresses, Text
from entrypoints.configuration.kinds.kind import Where
from entrypoints.configuration.strict import Strict
from entrypoints.suggestions import did_you_mean

TIMEOUT_MAX_S = 600
Seconds = Annotated[int, Field(ge=1, le=TIMEOUT_MAX_S)]
_NAME = "field_map"


class HandOffSettings(Strict):
    """What is handed over, and how the answer is read."""

    document: Annotated[
        Literal["order", "invoice"], Field(description="`order`: each order, once it is billable; `invoice`: each invoice and credit note.")
    ] = "order"
    field_map: dict[str, Any] = Field(
        default_factory=dict, description="Which fields the partner gets: [field map](field-map.md); default: that of the kind."
    )
    username: Annotated[Text, Field(description="Log-in name.")] = ""
    success_path: Annotated[Text, Field(description="A place in the answer that must hold a value, such as `data.id`.")] = ""
    remote_id_path: Annotated[Text, Field(description="Where the answer has the partner's own id of the document.")] = ""
    connect_timeout_s: Annotated[Seconds, Field(description="Seconds to wait for a connection; 1 to 600.")] = 10
    read_timeout_s: Annotated[Seconds, Field(description="Seconds to wait for the next bytes of an answer.")] = 60
    answer_timeout_s: Annotated[Seconds, Field(description="Seconds to wait for the whole answer.")] = 120
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be delivered.")] = ""


def check_field_map(kind: str, settings: HandOffSettings) -> Iterator[tuple[Where, str]]:
    """Every mistake in the map, each at its entry; and a map must be there where the kind has none."""
    declared = settings.model_dump(mode="json")[_NAME]
    if not declared:
        if not default_field_map(kind, settings.document):
            yield _NAME, f"{kind} has no field map of its own for document: {settings.document}; give one."
        return
    yield from field_map_mistakes(declared, ORDER_ROOTS if settings.document == "order" else INVOICE_ROOTS)


def field_map_mistakes(declared: Mapping[str, Any], roots: Collection[str]) -> Iterator[tuple[Where, str]]:
    """Every mistake in a declared map, each at its entry; ``roots`` are the names that can be read."""
    try:
        parse_field_map(declared, _NAME, roots)
    except FieldMapRefused as refused:
        for mistake in refused.mistakes:
            yield _place(mistake, declared), f"{mistake.text} {did_you_mean(mistake.name, mistake.known)}".rstrip()


def _place(mistake: Mistake, declared: Mapping[str, Any]) -> Where:
    """The mistake's place as a path of the file; the names of the entries hold dots themselves."""
    inside = mistake.path.removeprefix(f"{_NAME}.")
    entry = max((name for name in declared if inside.startswith(name)), key=len, default="")
    rest = inside.removeprefix(entry).lstrip(".")
    return tuple(filter(None, (_NAME, entry, rest))) if entry else _NAME


def check_address(key: str, url: str) -> Iterator[tuple[Where, str]]:
    """An address that deliveries can be made to; whether they may, the operator's networks decide when it is tried."""
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in {"https", "http"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        well_formed = False
        parts = urlsplit("")
    if not well_formed:
        yield key, "Here an address such as https://partner.example/orders is expected."
    elif "@" in parts.netloc:
        yield key, "User name and password do not belong in the address: give username, and the secret password."
