"""The calls of Xero's accounting API that Billhook makes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.vendor_api import UNAUTHORIZED, VendorApi
from adapters.accounting.xero.admission import FORBIDDEN, Admission
from adapters.accounting.xero.complaints import problem_in
from domain.errors import DomainError, TemporaryFailure

PAGE_SIZE = 1000
_OK = range(200, 300)
_NOT_FOUND = 404
_SHUT_OUT = frozenset({UNAUTHORIZED, FORBIDDEN})
REFUSED = "xero_refused"
_Json = Mapping[str, Any]


class XeroApi:
    """Reads answers and turns failures into errors; all methods raise as ``VendorApi.call``."""

    def __init__(self, vendor: VendorApi, admission: Admission) -> None:
        self.vendor = vendor
        self.admission = admission
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
        """What a question finds; nothing where Xero has no such thing. Raises as ``require``."""
        path = path or f"/{plural}"
        answer = self.vendor.call("GET", path, params=params, headers=headers, can_wait=can_wait)
        if answer.status == _NOT_FOUND:
            return []
        self.require(answer, path)
        document = answer.json()
        if not isinstance(document, Mapping):
            raise TemporaryFailure(f"Xero's answer to GET {path} cannot be read: {answer.shown()}")
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

    def require(self, answer: Answer, path: str) -> None:
        """Raise for an answer that is none: DomainError("xero_refused"), and as ``Admission.refusal`` says."""
        if answer.status in _OK:
            return
        if shuts_out(answer):
            raise self.admission.refusal(answer, path)
        said = problem_in(answer.json(), answer.shown())
        raise DomainError(REFUSED, f"Xero answered {answer.status}: {said}", "Correct what Xero complains about")


def shuts_out(answer: Answer) -> bool:
    """Whether Xero did not let a call through to the organisation: nothing happened there."""
    return answer.status in _SHUT_OUT


def about_documents(error: DomainError) -> DomainError:
    """An answer to a call that creates what documents need: where it was refused for what is in it, those documents are refused.

    Raises it again where it is about the organisation as a whole.
    """
    if error.code != REFUSED:
        raise error
    return DomainError("not_created", error.text, error.next_step)


def elements_of(document: Any, plural: str) -> list[dict[str, Any]]:
    """The records of an answer."""
    found = document.get(plural) if isinstance(document, Mapping) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
