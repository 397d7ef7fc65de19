"""From plain values to the bytes and headers of a request."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from adapters.handoff.body import HandedOverBody
from adapters.handoff.call import Call
from application.ports.handoff import HttpBody, HttpHandOffSettings
from domain.errors import Invalid

_METHODS = ("POST", "PUT", "PATCH")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_MEDIA_TYPES = {
    HttpBody.JSON: "application/json",
    HttpBody.JSON_API: "application/vnd.api+json",
    HttpBody.FORM: "application/x-www-form-urlencoded",
}


def compose(settings: HttpHandOffSettings, payload: Mapping[str, Any], token: str, handing_over: Callable[[], None]) -> Call:
    """The request that hands the values over. Raises Invalid with the setting or the value that is wrong."""
    if settings.method not in _METHODS:
        raise Invalid("method", f"{settings.method} hands nothing over", f"Use one of {', '.join(_METHODS)}.")
    content = encode(settings.body, payload)
    headers = log_in_headers(settings)
    headers["Content-Type"] = _MEDIA_TYPES[settings.body]
    if settings.idempotency_header:
        headers[settings.idempotency_header] = token
    if settings.hmac_key:
        headers[settings.signature_header] = "sha256=" + hmac.new(settings.hmac_key.encode(), content, hashlib.sha256).hexdigest()
    return Call(settings.method, settings.url, headers, HandedOverBody(content, handing_over))


def log_in_headers(settings: HttpHandOffSettings) -> dict[str, str]:
    """The headers that any call of this partner has: the configured ones, who calls, and what is understood."""
    headers = dict(settings.headers)
    for name in headers:
        if name.lower() in _OURS:
            raise Invalid(f"headers.{name}", "it is set by what is sent", "Leave this header out.")
    if settings.body is not HttpBody.FORM:
        headers.setdefault("Accept", _MEDIA_TYPES[settings.body])
    if settings.auth_key:
        headers[settings.auth_header] = settings.auth_prefix + settings.auth_key
    elif settings.username:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{settings.username}:{settings.password}".encode()).decode()
    return headers


def encode(kind: HttpBody, payload: Mapping[str, Any]) -> bytes:
    """The body: UTF-8, numbers with decimals as texts (JSON's numbers are binary at most readers), dates as ISO 8601."""
    if not payload:
        raise Invalid("field_map", "it made no values", "Give the field map at least one entry.")
    if kind is HttpBody.FORM:
        return _form(payload)
    if kind is HttpBody.JSON_API:
        payload = _resource_document(payload)
    try:
        return json.dumps(payload, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("field_map", f"its values are no JSON: {error}", "Map plain texts, numbers, dates, lists and mappings.") from error


def _resource_document(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """``included`` by type becomes the list that JSON:API 1.0 (7.1, 5.4) wants: resources of many types, each with its attributes."""
    if "data" not in payload:
        raise Invalid("field_map", "JSON:API wants everything under data", "Start the targets of the field map with data.")
    included = payload.get("included")
    if not isinstance(included, Mapping):
        return payload
    resources = ((type_, each) for type_, group in included.items() for each in (group if isinstance(group, list) else [group]))
    return {**payload, "included": [{"type": type_, "attributes": attributes} for type_, attributes in resources]}


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is not plain")


def _form(payload: Mapping[str, Any]) -> bytes:
    fields = [
        (name, _form_text(name, value))
        for name, values in payload.items()
        for value in (values if isinstance(values, list | tuple) else [values])
    ]
    try:
        return urlencode(fields).encode()
    except UnicodeEncodeError as error:
        raise Invalid("field_map", f"a value is no text: {error.reason}", "Correct the source of the value.") from error


def _form_text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    try:
        return _plain(value)
    except TypeError as error:
        raise Invalid(f"field_map.{name}", f"{error}, and a form has no levels", "Map it to a text, or use body: json.") from error
