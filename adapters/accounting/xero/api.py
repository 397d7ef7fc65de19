"""The calls of Xero's accounting API that Billhook makes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.vendor_api import UNAUTHORIZED, VendorApi
from adapters.accounting.xero.complaints import problem_in
from application.accounting.next_steps import connect_command
from domain.errors import DomainError, TemporaryFailure

PAGE_SIZE = 1000
_OK = range(200, 300)
_FORBIDDEN, _NOT_FOUND = 403, 404
_NO_SCOPE = "authorizationunsuccessful"
REFUSED = "xero_refused"
_Json = Mapping[str, Any]


class XeroApi:
    """Reads answers and turns failures into errors; all methods raise as ``VendorApi.call``."""

    def __init__(self, vendor: VendorApi) -> None:
        self.vendor = vendor
        self._scope = ""

    @property
    def scope(self) -> str:
        """The organisation, as links are kept under it. A lane's visit is to one: a reconnect to another is refused."""
        if not self._scope:
            self._scope = f"xero:{self.vendor.access().organisation_id}"
        return self._scope

    def records(
        self, plural: str, path: str = "", *, params: _Json | None = None, headers: Mapping[str, str] | None = None, can_wait: bool = False
    ) -> list[dict[str, Any]]:
        """What a question finds; nothing where Xero has no such thing. Raises DomainError("no_access") and ("xero_refused")."""
        answer = self.vendor.call("GET", path or f"/{plural}", params=params, headers=headers, can_wait=can_wait)
        if answer.status == _NOT_FOUND:
            return []
        raise_for(answer, self.vendor.lane_path)
        document = answer.json()
        if not isinstance(document, Mapping):
            raise TemporaryFailure(f"Xero's answer to GET {path or plural} cannot be read: {answer.shown()}")
        return elements_of(document, plural)

    def pages(
        self, plural: str, *, params: _Json | None = None, headers: Mapping[str, str] | None = None, can_wait: bool = False
    ) -> Iterator[list[dict[str, Any]]]:
        """All pages, until one is not full."""
        number = 1
        while True:
            asked = {**(params or {}), "page": number, "pageSize": PAGE_SIZE}
            found = self.records(plural, params=asked, headers=headers, can_wait=can_wait)
            yield found
            if len(found) < PAGE_SIZE:
                return
            number += 1

    def put(  # noqa: PLR0913 - the parts of a request
        self,
        path: str,
        body: bytes,
        key: str,
        *,
        params: _Json | None = None,
        handing_over: Callable[[], None] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Create. Any answer below 500 but 429 is returned; Uncertain where it may have happened."""
        headers = {"Idempotency-Key": key}
        return self.vendor.call(
            "PUT", path, params=params, body=body, content_type=content_type, headers=headers, handing_over=handing_over
        )


def raise_for(answer: Answer, lane_path: str) -> None:
    """Raise for an answer to this integration that is none: DomainError("no_access"), DomainError("xero_refused")."""
    if answer.status in _OK:
        return
    said = problem_in(answer.json(), answer.shown())
    if answer.status in {UNAUTHORIZED, _FORBIDDEN}:
        raise no_access(answer.status, said, lane_path)
    raise DomainError(REFUSED, f"Xero answered {answer.status}: {said}", "Correct what Xero complains about")


def about_documents(error: DomainError) -> DomainError:
    """An answer to a call that creates what documents need: where it was refused for what is in it, those documents are refused.

    Raises it again where it is about the organisation as a whole.
    """
    if error.code != REFUSED:
        raise error
    return DomainError("not_created", error.text, error.next_step)


def no_access(status: int, said: str, lane_path: str) -> DomainError:
    """The app may not do this, or not in this organisation."""
    if _NO_SCOPE in said.lower():
        step = f"Add the scope that is missing to scopes, apply, and connect again: {connect_command(lane_path)}"
        return DomainError("scope_missing", f"The consent does not cover this call: Xero answered {status}: {said.rstrip('.')}.", step)
    step = f"Connect again: {connect_command(lane_path)}"
    return DomainError("no_access", f"Xero does not let this app into the organisation: it answered {status}: {said.rstrip('.')}.", step)


def is_token_too_old(answer: Answer) -> bool:
    """A 401 for the token; one for a missing scope would be answered the same with a new one (facts: B1.2)."""
    return answer.status == UNAUTHORIZED and _NO_SCOPE not in problem_in(answer.json(), answer.shown()).lower()


def elements_of(document: Any, plural: str) -> list[dict[str, Any]]:
    """The records of an answer."""
    found = document.get(plural) if isinstance(document, Mapping) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
