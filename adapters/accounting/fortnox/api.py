"""The calls of Fortnox's API that Billhook makes."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.errors import SYSTEM_EXCEPTION, lane_problem, problem_of, refusal
from adapters.accounting.fortnox.records import Record
from adapters.accounting.vendor_api import Uncertain, VendorApi
from domain.errors import TemporaryFailure

PAGE_SIZE = 500
_OK = range(200, 300)
_NOT_FOUND = 404
# So long after a write that may have happened, reading is sure to show it.
_SETTLED_S = 30.0


class FortnoxApi:
    """Reads answers and turns failures into errors; all methods raise as ``VendorApi.call``."""

    def __init__(self, vendor: VendorApi) -> None:
        self.vendor = vendor
        self._scope = ""

    @property
    def scope(self) -> str:
        """The company, as links are kept under it. A lane's visit is to one: a reconnect to another is refused."""
        if not self._scope:
            self._scope = f"fortnox:{self.vendor.access().organisation_id}"
        return self._scope

    def one(self, path: str, wrapper: str, *, can_wait: bool = False) -> dict[str, Any] | None:
        """A record by its address; None where there is none. Raises DomainError for any other refusal."""
        answer = self.vendor.call("GET", path, can_wait=can_wait)
        if answer.status == _NOT_FOUND:
            return None
        return self._read(answer, wrapper, f"GET {path}")

    def listed(self, resource: str, wrapper: str, params: Mapping[str, Any] | None = None, *, can_wait: bool = False) -> Iterator[Record]:
        """All that a question finds, page by page. A text filter finds parts of texts: compare what comes."""
        page = 1
        while True:
            asked = {**(params or {}), "limit": PAGE_SIZE, "page": page}
            answer = self.vendor.call("GET", f"/{resource}", params=asked, can_wait=can_wait)
            document = self._checked(answer, f"GET /{resource}")
            found = document.get(wrapper)
            records = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
            yield from records
            if len(records) < PAGE_SIZE:
                return
            page += 1

    def newest(self, resource: str) -> None:
        """Ask for one record only, to see whether the app may."""
        self._checked(self.vendor.call("GET", f"/{resource}", params={"limit": 1}), f"GET /{resource}")

    def put_safely(self, method: str, path: str, wrapper: str, fields: Mapping[str, Any]) -> dict[str, Any] | Answer:
        """Write what may be written twice without harm: a record under a number of our choosing. A refusal comes back as its answer.

        Where it is not certain whether it happened, TemporaryFailure: the next try finds it.
        """
        try:
            answer = self.vendor.call(method, path, body=exact_json.dumps({wrapper: fields}))
        except Uncertain as uncertain:
            text = f"It is not certain whether Fortnox took {method} {path}: {uncertain.reason}"
            raise TemporaryFailure(text, retry_after_s=_SETTLED_S) from uncertain
        if answer.status in _OK:
            return self._read(answer, wrapper, f"{method} {path}")
        error = lane_problem(answer)
        if error is not None:
            raise error
        if problem_of(answer).code == SYSTEM_EXCEPTION:
            raise TemporaryFailure(f"Fortnox failed at {method} {path}: {problem_of(answer)}", retry_after_s=_SETTLED_S)
        return answer

    def _read(self, answer: Answer, wrapper: str, what: str) -> dict[str, Any]:
        record = self._checked(answer, what).get(wrapper)
        if not isinstance(record, dict):
            raise TemporaryFailure(f"Fortnox's answer to {what} cannot be read: {answer.shown()}")
        return record

    def _checked(self, answer: Answer, what: str) -> Record:
        if answer.status not in _OK:
            problem = problem_of(answer)
            if problem.code == SYSTEM_EXCEPTION:
                raise TemporaryFailure(f"Fortnox failed at {what}: {problem}")
            raise lane_problem(answer) or refusal(problem, what)
        document = answer.json()
        if not isinstance(document, Mapping):
            raise TemporaryFailure(f"Fortnox's answer to {what} cannot be read: {answer.shown()}")
        return document


def path_of(resource: str, number: str, action: str = "") -> str:
    """The address of a record, or of what can be done with it."""
    return "/".join(filter(None, (f"/{resource}", quote(number, safe=""), action)))
