"""The calls of jortt's API that Billhook makes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.jortt.errors import NOT_FOUND, raise_for
from adapters.accounting.vendor_api import VendorApi
from domain.errors import TemporaryFailure

# A list that never ends is not one of jortt's.
_PAGES_MAX = 2000
Record = Mapping[str, Any]


class JorttApi:
    """Reads answers and turns failures into errors; all methods raise as ``VendorApi.call``."""

    def __init__(self, vendor: VendorApi) -> None:
        self.vendor = vendor
        self._scope = ""

    @property
    def scope(self) -> str:
        """The organisation, as links are kept under it. A lane's visit is to one: a reconnect to another is refused."""
        if not self._scope:
            self._scope = f"jortt:{self.vendor.access().organisation_id}"
        return self._scope

    def read(self, path: str) -> Record | None:
        """One record; None where jortt has no such thing. Raises DomainError for any other refusal."""
        answer = self.vendor.call("GET", path)
        if answer.status == NOT_FOUND:
            return None
        raise_for(answer)
        data = _data(answer)
        if not isinstance(data, Mapping):
            raise TemporaryFailure(f"jortt's answer to GET {path} cannot be read: {answer.shown()}")
        return data

    def pages(self, path: str, params: Mapping[str, Any] | None = None, *, can_wait: bool = False) -> Iterator[list[Record]]:
        """All pages of a list. The next one is asked for by its number: the printed link is jortt's own (facts: B3.3)."""
        for number in range(1, _PAGES_MAX + 1):
            answer = self.vendor.call("GET", path, params={**(params or {}), "page": number}, can_wait=can_wait)
            raise_for(answer)
            data = _data(answer)
            if not isinstance(data, list):
                raise TemporaryFailure(f"jortt's answer to GET {path} cannot be read: {answer.shown()}")
            yield [each for each in data if isinstance(each, Mapping)]
            if not data or not _has_next(answer):
                return

    def write(self, method: str, path: str, body: Mapping[str, Any], handing_over: Callable[[], None] | None = None) -> Answer:
        """Change something. Any answer below 500 but 429 is returned; Uncertain where it may have happened."""
        return self.vendor.call(method, path, body=exact_json.dumps(body), handing_over=handing_over)


def id_in(answer: Answer) -> str:
    """The id that creating answers with; empty where it names none."""
    data = _data(answer)
    return str(data.get("id") or "") if isinstance(data, Mapping) else ""


def _data(answer: Answer) -> Any:
    document = answer.json()
    return document.get("data") if isinstance(document, Mapping) else None


def _has_next(answer: Answer) -> bool:
    document = answer.json()
    links = document.get("_links") if isinstance(document, Mapping) else None
    return bool(isinstance(links, Mapping) and links.get("next"))
