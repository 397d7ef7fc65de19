"""A bare client for the tests of this fake: it adds nothing and forgives nothing."""

from types import TracebackType
from typing import Any, Self

import requests

from tests.fakes.fortnox.server import SCOPES, FakeFortnox

_SECONDS_MAX = 20


class Caller:
    """Calls the API with a token of one company."""

    def __init__(self, fortnox: FakeFortnox, tenant_id: str = "1000", scopes: tuple[str, ...] = SCOPES) -> None:
        self._root = f"{fortnox.api_url}/3/"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {fortnox.token(tenant_id, scopes)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def get(self, path: str, **query: str) -> requests.Response:
        return self._session.get(self._root + path, params=query, timeout=_SECONDS_MAX)

    def post(self, path: str, document: Any) -> requests.Response:
        return self._session.post(self._root + path, json=document, timeout=_SECONDS_MAX)

    def put(self, path: str, document: Any = None) -> requests.Response:
        return self._session.put(self._root + path, json=document, timeout=_SECONDS_MAX)

    def delete(self, path: str) -> requests.Response:
        return self._session.delete(self._root + path, timeout=_SECONDS_MAX)

    def customer(self, **fields: Any) -> dict[str, Any]:
        """A customer that is taken."""
        return self._made("customers", "Customer", {"Name": "Åkes Cykel AB"} | fields)

    def invoice(self, **fields: Any) -> dict[str, Any]:
        """An invoice that is taken."""
        return self._made("invoices", "Invoice", fields)

    def order(self, **fields: Any) -> dict[str, Any]:
        """An order that is taken."""
        return self._made("orders", "Order", fields)

    def _made(self, path: str, wrapper: str, fields: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(path, {wrapper: fields})
        answer.raise_for_status()
        return dict(answer.json()[wrapper])


def code_of(answer: requests.Response) -> tuple[int, int]:
    """The status and the code, in either spelling."""
    information = answer.json()["ErrorInformation"]
    return answer.status_code, information.get("code") or information["Code"]
