"""jortt's published contract, as a check of what passes between a client and the fake.

A request counts as wrong only where the fake accepted it: what the fake refuses, the client learns. Answers are always checked, and what
the contract does not know is wrong too. Put right here are defects of the published file that jortt's own recordings contradict.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match

from tests.fakes.jortt.http import Reply, Request

# In the file an object with an amount; in recordings a text, as in invoices.
_QUANTITIES = ("Jortt_V2_Invoicing_Entities_EstimateLineItem",)
# Roots of the tree have no parent, which the file does not say.
_NULLABLE = {"Jortt_V1_Entities_LedgerAccount": ("parent_ledger_account_id",)}


class Contract:
    """The calls under /v3 of the file ``patched/jortt-v3.json`` of the specs."""

    def __init__(self, specs: Path) -> None:
        document = json.loads((specs / "patched" / "jortt-v3.json").read_text(encoding="utf-8"))
        definitions = document["definitions"]
        for name in _QUANTITIES:
            definitions[name]["properties"]["quantity"] = {"type": "string"}
        for name, fields in _NULLABLE.items():
            for each in fields:
                definitions[name]["properties"][each]["x-nullable"] = True
        self._definitions = _with_nulls(definitions)
        self._paths = {_pattern(path): calls for path, calls in document["paths"].items() if path.startswith("/v3/")}

    def violations(self, request: Request, reply: Reply) -> Iterator[str]:
        """What is wrong with the one or the other, in words."""
        found = [calls for pattern, calls in self._paths.items() if pattern.fullmatch(request.path)]
        # A path with a fixed last part also fits the pattern with an id in its place: the more exact one comes first.
        operation = next((calls[request.method.lower()] for calls in found if request.method.lower() in calls), None)
        if operation is None:
            if reply.status not in {404, 405}:
                yield f"{request.method} {request.path} is not in the contract, and was answered with {reply.status}"
            return
        if reply.status < 400:
            yield from (f"{request.method} {request.path} was sent {text}" for text in self._request_complaints(operation, request))
        yield from (f"{request.method} {request.path} was answered {text}" for text in self._reply_complaints(operation, reply))

    def _request_complaints(self, operation: dict[str, Any], request: Request) -> Iterator[str]:
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        yield from (f"the unknown parameter {name}" for name in request.query if name not in known)
        body = next((each for each in operation.get("parameters", []) if each["in"] == "body"), None)
        if body is not None and request.body:
            schema = self._resolved(body["schema"])
            yield from self._complaints(_closed(schema), json.loads(request.body))

    def _reply_complaints(self, operation: dict[str, Any], reply: Reply) -> Iterator[str]:
        declared = operation["responses"].get(str(reply.status))
        if declared is None:
            yield f"with status {reply.status}, which is not declared"
        elif "schema" in declared:
            yield from self._complaints(_with_nulls(declared["schema"]), json.loads(reply.body))
        elif reply.body:
            yield "with a body, and none is declared"

    def _complaints(self, schema: Any, document: Any) -> Iterator[str]:
        validator = Draft4Validator({**schema, "definitions": self._definitions})
        for whole in validator.iter_errors(document):
            # Of "fits none of these" the part that nearly fits, which names the field.
            error = best_match([whole]) or whole
            yield f"with {'.'.join(str(part) for part in error.absolute_path) or 'a body'}: {error.message}"

    def _resolved(self, schema: Any) -> Any:
        return self._definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else _with_nulls(schema)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _with_nulls(schema: Any) -> Any:
    """``x-nullable`` said in the words of JSON Schema."""
    if isinstance(schema, list):
        return [_with_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _with_nulls(value) for name, value in schema.items() if name != "x-nullable"}
    if schema.get("x-nullable") is not True:
        return inner
    if "type" not in inner:
        return {"anyOf": [inner, {"type": "null"}]}
    choices = {"enum": [*inner["enum"], None]} if "enum" in inner else {}
    return {**inner, "type": [inner["type"], "null"], **choices}


def _closed(schema: Any) -> Any:
    """With no other fields than the named ones: a misspelt one is a mistake."""
    closed = deepcopy(schema)
    if closed.get("type") == "object":
        closed["additionalProperties"] = False
    items = closed.get("properties", {}).get("line_items", {}).get("items")
    if items is not None:
        items["additionalProperties"] = False
    return closed
