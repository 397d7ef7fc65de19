"""Refusals in jortt's shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fakes.jortt.http import Reply, json_reply

_MESSAGES = {
    "access_token.invalid": "The access token is either missing or invalid",
    "access_token.expired": "The access token has expired",
    "access_token.revoked": "The access token has been revoked",
    "scopes.insufficient": "Insufficient permissions to access the resource",
    "organization.requires_mkb_plan": "The organization does not have a plan with access to the API",
    "endpoint.not_found": "Invalid or non existing endpoint",
    "resource.not_found": "Requested resource cannot be found",
    "resource.method_not_allowed": "The method is not allowed on this resource",
    "resource.conflict": "A conflict occurred while processing the request",
    "params.invalid": "The parameters are invalid (either missing, not of the correct type or incorrect format).",
    "params.invalid_format": "The parameters could not be parsed",
    "params.invalid_encoding": "The parameters contain invalid UTF-8 characters",
    "operation.invalid": "The operation could not be executed on the resource",
    "operation.year_closed": "The operation affects a closed financial year",
    "request.throttled": "The request has been throttled, please try again later",
    "server.internal_error": "Internal server error",
    "server.maintenance": "API is temporarily offline for maintenance",
    "integration.outage": "An integration has an outage",
}
_SENTENCES = {"is_missing": "is missing", "is_invalid": "is invalid"}
KEY_OF_STATUS = {
    401: "access_token.invalid",
    404: "resource.not_found",
    405: "resource.method_not_allowed",
    409: "resource.conflict",
    422: "operation.invalid",
    429: "request.throttled",
    500: "server.internal_error",
    503: "server.maintenance",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """What is wrong with one parameter; some operations name none."""

    key: str
    param: str | None = None
    message: str = ""

    def document(self) -> dict[str, str]:
        """As jortt writes it: ``param`` is left out where there is none."""
        named = {} if self.param is None else {"param": self.param}
        return {"key": self.key, "message": self.message or _SENTENCES.get(self.key, self.key), **named}


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, key: str, details: Sequence[Detail] = (), message: str = "") -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.details = tuple(details)
        self.message = message or _MESSAGES[key]

    def reply(self) -> Reply:
        """As it goes out."""
        error = {"code": self.status, "key": self.key, "message": self.message, "details": [each.document() for each in self.details]}
        return json_reply(self.status, {"error": error})


def invalid(*details: Detail) -> Refusal:
    """Parameters that are missing or wrong."""
    return Refusal(422, "params.invalid", details)


def impossible(key: str, message: str) -> Refusal:
    """An operation that the resource does not allow."""
    return Refusal(422, "operation.invalid", [Detail(key, message=message)])


def not_found() -> Refusal:
    """No such thing in this organisation, or deleted."""
    return Refusal(404, "resource.not_found")


def conflict() -> Refusal:
    """Something else is changing the same thing."""
    return Refusal(409, "resource.conflict")
