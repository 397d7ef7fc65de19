"""Holds both sides to Fortnox's own OpenAPI document, where that is at hand: what we send, and what this fake answers."""

import copy
import json
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.fakes.fortnox.fields import BLANK, NO_RIGHT
from tests.fakes.fortnox.sending import PDF
from tests.fakes.vendor_server import Reply, Request
from tests.services.specs import specs_folder

_HOST = "https://api.fortnox.se"
_SERVED = (
    "articles",
    "companyinformation",
    "currencies",
    "customers",
    "invoices",
    "modesofpayments",
    "orders",
    "settings",
    "termsofpayments",
    "units",
)
# Where what was recorded from Fortnox is not what its document says.
_DRIFT = {"ContractReference", "ConstructionAccount"}
_DRIFT_IN_LISTS = {"CurrencyRate"}
_REFERENCE = "#/components/schemas/"
# The library fills tables of its own while it checks.
_lock = threading.Lock()

Spec = dict[str, Any]


def checked_against(request: Request, reply: Reply) -> list[str]:
    """What the contract has against this exchange; nothing where the contract is not at hand."""
    contract = _contract()
    if contract is None:
        return []
    sent = _as_library_request(request)
    answered = MockResponse(_as_specified(reply), reply.status, dict(reply.headers), reply.content_type)
    with _lock:
        against_request = [f"request: {_told(error)}" for error in contract.iter_request_errors(sent)]
        against_reply = [f"answer {reply.status}: {_told(error)}" for error in contract.iter_response_errors(sent, answered)]
    return [f"{request.method} {request.path} {error}" for error in against_request + against_reply]


@cache
def _contract() -> OpenAPI | None:
    folder = specs_folder()
    if folder is None:
        return None
    spec = json.loads((folder / "patched" / "fortnox.json").read_text(encoding="utf-8"))
    # The document has faults of its own, which a check of it would stop at.
    return OpenAPI.from_dict(tightened(spec), config=Config(spec_validator_cls=None))


def tightened(spec: Spec) -> Spec:
    """The part of the document that the fake serves; misspelt fields are refused, a PUT may name a part, logging in is not its subject."""
    paths = {path: item for path, item in spec["paths"].items() if path.split("/")[1:2] == ["3"] and path.split("/")[2] in _SERVED}
    schemas = spec["components"]["schemas"]
    for item in paths.values():
        for method, operation in item.items():
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                content["schema"] = {"$ref": _closed(schemas, content["schema"]["$ref"], partial=method == "put")}
            # The document describes a PDF as text.
            operation["responses"].get("200", {}).get("content", {}).get(PDF.content_type, {}).pop("schema", None)
    return {**spec, "paths": paths, "security": []}


def _closed(schemas: Spec, reference: str, *, partial: bool) -> str:
    """A copy of a schema, and of all that it leads to, that knows its fields and no others; the copy's address."""
    name = reference.removeprefix(_REFERENCE)
    closed = f"{name}_{'Changed' if partial else 'Sent'}"
    if closed not in schemas:
        schemas[closed] = schema = copy.deepcopy(schemas[name])
        _close(schemas, schema, partial=partial)
        # The wrapper stays required.
        if partial and not name.endswith("_Wrap"):
            schema.pop("required", None)
    return _REFERENCE + closed


def _close(schemas: Spec, schema: Spec, *, partial: bool) -> None:
    if "$ref" in schema:
        schema["$ref"] = _closed(schemas, schema["$ref"], partial=partial)
    if "properties" in schema:
        schema["additionalProperties"] = False
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        _close(schemas, inner, partial=partial)


def _as_library_request(request: Request) -> MockRequest:
    body = request.body
    with suppress(ValueError):
        body = json.dumps(_without(request.json(), (BLANK,), ())).encode()
    method, path, headers = request.method, request.path.rstrip("/"), dict(request.headers.items())
    return MockRequest(
        _HOST, method, path, args=dict(request.query), headers=headers, data=body, content_type=request.header("Content-Type")
    )


def _as_specified(reply: Reply) -> bytes:
    """The answer without what the document is silent or wrong about: empty values, missing rights, types that drift."""
    if reply.content_type != "application/json" or not reply.body:
        return reply.body
    document = json.loads(reply.body)
    drift = _DRIFT | (_DRIFT_IN_LISTS if "MetaInformation" in document else set())
    return json.dumps(_without(document, (None, "", NO_RIGHT), drift)).encode()


def _without(document: Any, values: Sequence[str | None], names: Collection[str]) -> Any:
    if isinstance(document, list):
        return [_without(item, values, names) for item in document]
    if not isinstance(document, dict):
        return document
    kept = {name: value for name, value in document.items() if name not in names and not any(value == dropped for dropped in values)}
    return {name: _without(value, values, names) for name, value in kept.items()}


def _told(error: Exception) -> str:
    """The library's message with the places and what is wrong there; without the documents, which it repeats."""
    causes = getattr(error.__cause__, "schema_errors", ())
    details = "; ".join(f"{'/'.join(str(part) for part in cause.absolute_path)}: {cause.message}" for cause in causes)
    return f"{str(error).partition(': Value')[0]}: {details or error.__cause__ or ''}"
