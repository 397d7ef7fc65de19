"""Holds calls and answers to Xero's published description of its API.

Beyond what the description says, unknown names are violations: in bodies, in queries, and in answers.
"""

import copy
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.fakes.xero.wire import Answer, Call

_FILE = "xero_accounting.yaml"
_ORIGIN, _ROOT = "https://api.xero.com", "/api.xro/2.0"
_METHODS = frozenset({"get", "put", "post", "delete"})
# Newer than the description.
_NEWER_QUERIES = {"/Invoices": frozenset({"allowBackorders"})}
# What real answers have and the description does not.
_IN_ANSWERS: Mapping[str, frozenset[str]] = {
    "Invoice": frozenset({"DateString", "DueDateString"}),
    "CreditNote": frozenset({"DateString", "DueDateString"}),
    "PurchaseOrder": frozenset({"DateString", "DeliveryDateString", "ExpectedArrivalDateString"}),
    "Allocation": frozenset({"DateString"}),
    "LineItem": frozenset({"ValidationErrors"}),
}
_ENVELOPE = frozenset({"Id", "Status", "ProviderName", "DateTimeUTC"})
_DESCRIBED_READ, _DESCRIBED_WRITTEN = frozenset({200}), frozenset({200, 400})


class _Loader(yaml.CSafeLoader):
    """Leaves timestamps in the examples as the texts they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class _Asked:
    """A call in the words of the library."""

    def __init__(self, call: Call, template: str, path: Mapping[str, str]) -> None:
        self.host_url = _ORIGIN
        self.path = _ROOT + _alias(template).format(**{name: quote(value, safe="") for name, value in path.items()})
        self.method = call.method.lower()
        self.content_type = call.headers.get("content-type", "application/json")
        self.body = call.body or None
        query = ImmutableMultiDict(list(call.query.items()))
        self.parameters = RequestParameters(query=query, header=Headers(list(call.headers.items())), path=dict(path))


class _Given:
    """An answer in the words of the library."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.data = answer.body
        self.content_type = "application/json"
        self.headers = Headers(list(answer.headers.items()))


class Contract:
    """Xero's description, read when the first call is looked at. None is what is fine, else what is wrong in one line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The library resolves references as it goes and shares what it found.
        self._lock = threading.RLock()

    def refuses_call(self, call: Call, template: str, parameters: Mapping[str, str]) -> str | None:
        """What is wrong with a call."""
        unknown = set(call.query) - self._queries(template, call.method)
        if unknown:
            return f"query parameters that do not exist: {sorted(unknown)}"
        with self._lock:
            return _problem(lambda: self._calls.validate_request(_Asked(call, template, parameters)))

    def refuses_answer(self, call: Call, template: str, parameters: Mapping[str, str], answer: Answer) -> str | None:
        """What is wrong with an answer; statuses that the description does not know are not looked at."""
        # A refused key and a refused query have forms of their own, which the description leaves out.
        described = _DESCRIBED_READ if call.method == "GET" else _DESCRIBED_WRITTEN
        if answer.status not in described or b"Idempotency Key" in answer.body:
            return None
        asked = _Asked(call, template, parameters)
        with self._lock:
            return _problem(lambda: self._answers.validate_response(asked, _Given(answer)))

    @cached_property
    def _description(self) -> dict[str, Any]:
        with (self._folder / _FILE).open(encoding="utf-8") as file:
            # A loader for safe YAML that reads fewer types than its parent.
            described: dict[str, Any] = yaml.load(file, _Loader)  # noqa: S506
        return _relaxed(described)

    @cached_property
    def _calls(self) -> OpenAPI:
        return _library(_closed(self._description, {}, frozenset()))

    @cached_property
    def _answers(self) -> OpenAPI:
        return _library(_closed(self._description, _IN_ANSWERS, _ENVELOPE))

    def _queries(self, template: str, method: str) -> frozenset[str]:
        item = self._description["paths"][_alias(template)]
        named = self._description["components"]["parameters"]
        parameters = [*item.get("parameters", []), *item.get(method.lower(), {}).get("parameters", [])]
        full = [named[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter for parameter in parameters]
        newer = _NEWER_QUERIES.get(template, frozenset()) if method in {"PUT", "POST"} else frozenset()
        return newer | {parameter["name"] for parameter in full if parameter["in"] == "query"}


def _alias(template: str) -> str:
    """Two paths that differ only in the name of their last place are one to the library: a number goes a way of its own."""
    head, found, name = template.partition("/{")
    return f"{head}ByNumber/{{{name}" if found and name.endswith("Number}") else template


def _relaxed(description: dict[str, Any]) -> dict[str, Any]:
    """Without what the real API does not keep to: zones in If-Modified-Since, base64 in files. Tokens are looked at elsewhere."""
    description["paths"] = {_alias(template): item for template, item in description["paths"].items()}
    for parameter in description["components"]["parameters"].values():
        if parameter["name"] == "If-Modified-Since":
            parameter["schema"].pop("format", None)
    for template, item in description["paths"].items():
        for method in _METHODS & set(item):
            item[method].pop("security", None)
            if template.endswith("/{FileName}"):
                item[method].pop("requestBody", None)
    return description


def _closed(description: dict[str, Any], more: Mapping[str, frozenset[str]], envelope: frozenset[str]) -> dict[str, Any]:
    """A copy in which objects have the properties that are named, and no others."""
    closed = copy.deepcopy(description)
    schemas: dict[str, Any] = closed["components"]["schemas"]
    plurals = set(_envelopes(closed))
    for name, schema in schemas.items():
        if "properties" not in schema or "allOf" in schema or name in {"Element", "Error"}:
            continue
        extra = more.get(name, frozenset()) | (envelope if name in plurals else frozenset())
        schema["properties"].update({extra_name: {} for extra_name in extra if extra_name not in schema["properties"]})
        schema["additionalProperties"] = False
    return closed


def _envelopes(description: dict[str, Any]) -> Iterator[str]:
    """The schemas that answers consist of."""
    for item in description["paths"].values():
        for method in _METHODS & set(item):
            content = item[method]["responses"].get(200, item[method]["responses"].get("200", {})).get("content", {})
            yield content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]


def _library(description: dict[str, Any]) -> OpenAPI:
    # Some of its booleans have the default "false", a text; so it is no valid description itself.
    return OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))


def _problem(validate: Any) -> str | None:
    try:
        validate()
    except OpenAPIError as error:
        causes = [f"{cause.json_path}: {cause.message}" for cause in getattr(error.__cause__, "schema_errors", ())]
        return "; ".join(causes) or f"{error} {error.__cause__ or ''}".strip()
    return None
