"""The settings of hand-offs by an HTTP call: `net_digitizing`, and `mww` with the defaults of its public API."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from application.default_field_maps import default_field_map
from entrypoints.configuration.fields import Text
from entrypoints.configuration.kinds.hand_off import HandOffSettings, check_address, check_field_map
from entrypoints.configuration.kinds.kind import Where
from entrypoints.suggestions import did_you_mean

SECRETS = {
    "auth_key": "The partner's key; goes into `auth_header` behind `auth_prefix`.",
    "password": "The password of the log-in (basic authentication).",
    "hmac_key": "Signs each body; goes into `signature_header` as `sha256=…`.",
}
_NAME_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_STATUS = re.compile(r"[1-5]\d\d(-[1-5]\d\d)?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADERS_MAX = 50
_OF_THE_CALL = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type"})
# By their names; what stands behind these logs in, or is as good as a log-in.
_SECRET_HEADER = re.compile(r"auth(?!or\b)|token|secret|passw|api-?_?key|cookie|credential|signature", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"\s*(basic|bearer|digest|auth-key=)", re.IGNORECASE)


def _status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise ValueError(f"{text!r} is no status such as 201, or 200-299")
    return text


def _as_list(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else [given]


def _header(name: str) -> str:
    if name and not _HEADER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    return name


# A blank at the end is a part of it.
Prefix = Annotated[str, StringConstraints(strip_whitespace=False, max_length=100, pattern=r"^[\x20-\x7e]*$")]
HeaderName = Annotated[str, AfterValidator(_header)]


class HttpHandOffSettings(HandOffSettings):
    """Where the call goes, and what it looks like."""

    url: Annotated[str, Field(min_length=1, max_length=2000, description="Where the calls go, with https://.")]
    method: Annotated[Literal["POST", "PUT", "PATCH"], Field(description="`POST`, `PUT` or `PATCH`.")] = "POST"
    headers: dict[HeaderName, Text] = Field(default_factory=dict, description="More headers. Never a secret: those have a section.")
    body: Annotated[
        Literal["json", "form", "json_api"], Field(description="`json`, `form` or `json_api` (JSON:API 1.0: everything under `data`).")
    ] = "json"
    auth_header: Annotated[HeaderName, Field(description="The header that carries `auth_key`.")] = "Authorization"
    auth_prefix: Annotated[Prefix, Field(description="What stands before the key there, such as `Bearer ` with its blank, in quotes.")] = ""
    idempotency_header: Annotated[
        HeaderName, Field(description="Carries the delivery's own id. Only where the partner drops what comes twice under one.")
    ] = ""
    signature_header: Annotated[HeaderName, Field(description="Carries the signature, where `hmac_key` is given.")] = "X-Signature"
    success_status: Annotated[
        tuple[Annotated[str, AfterValidator(_status)], ...],
        BeforeValidator(_as_list),
        Field(max_length=20, description="Statuses that mean yes: `201`, or a list with ranges; default: `200-299`."),
    ] = ()
    look_up_url: Annotated[
        str,
        Field(
            max_length=2000, description="Asked by GET after a lost answer, e.g. `/{ref}`: below `url`, and in braces a field or `token`."
        ),
    ] = ""
    look_up_path: Annotated[Text, Field(description="A place in that answer that must hold a value; without one, its status counts.")] = ""
    look_up_match: Annotated[Text, Field(description="A place that must hold the same in that answer as in what was sent.")] = ""


def check_http(kind: str, settings: HttpHandOffSettings) -> Iterator[tuple[Where, str]]:
    """The addresses, the headers and the map; and a map must fit the body."""
    yield from check_address("url", settings.url)
    if settings.look_up_url and not settings.look_up_url.startswith("/"):
        yield from check_address("look_up_url", settings.look_up_url)
    yield from _check_look_up(kind, settings)
    yield from _check_headers(settings)
    yield from check_field_map(kind, settings)
    yield from _check_body(kind, settings)


def _check_look_up(kind: str, settings: HttpHandOffSettings) -> Iterator[tuple[Where, str]]:
    """Only what is sent can be asked for."""
    targets = tuple(settings.field_map or default_field_map(kind, settings.document))
    if not targets:
        return
    for name in _NAME_IN_BRACES.findall(settings.look_up_url):
        if name != "token" and not any(name == target or name.startswith((f"{target}.", f"{target}[")) for target in targets):
            known = [*targets, "token"]
            hint = did_you_mean(name, known) or f"Known here: {', '.join(known)}."
            yield "look_up_url", f"The field map gives no {{{name}}}. {hint}"


def _check_headers(settings: HttpHandOffSettings) -> Iterator[tuple[Where, str]]:
    if len(settings.headers) > _HEADERS_MAX:
        yield "headers", f"These are more than {_HEADERS_MAX} headers."
    for name, value in settings.headers.items():
        if name.lower() in _OF_THE_CALL:
            yield ("headers", name), "This header is set by what is sent: leave it out."
        elif _SECRET_HEADER.search(name) or _SECRET_VALUE.match(value) or "${" in value:
            yield (
                ("headers", name),
                "A secret does not belong here, where `export` would show it. Give the secret auth_key, with auth_header and auth_prefix.",
            )


def _check_body(kind: str, settings: HttpHandOffSettings) -> Iterator[tuple[Where, str]]:
    """JSON takes any map; the other two want one that fits, and not every kind's own does."""
    own = bool(settings.field_map)
    targets = tuple(settings.field_map or default_field_map(kind, settings.document))
    levelled = [target for target in targets if "." in target]
    if settings.body == "form" and levelled:
        if not own:
            yield "field_map", "A form has no levels, and the kind's own map has: give a field_map."
        for target in levelled if own else ():
            yield ("field_map", target), "A form has no levels: use a name without dots, or body: json."
    elif settings.body == "json_api" and targets and not any(target.startswith("data.") for target in targets):
        yield "field_map", "JSON:API wants everything under data: give a field_map with names that begin with `data.`"
