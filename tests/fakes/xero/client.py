"""How the tests of the fake speak to it: the plainest client there is. Adapters have their own."""

from dataclasses import dataclass
from typing import Any

import requests

from tests.fakes.xero.fake import FakeXero
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.wire import Body

_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Client:
    """One app at work for one organisation. Figures of answers are floats, as ``requests`` reads them."""

    xero: FakeXero
    organisation: Organisation
    access_token: str

    @property
    def _usual(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.access_token}",
            "xero-tenant-id": self.organisation.tenant_id,
            "Accept": "application/json",
        }

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: str) -> requests.Response:
        """One call to the accounting API."""
        return requests.request(
            method, self.xero.api_url + path, json=body, headers=self._usual | (headers or {}), params=query, timeout=_TIMEOUT_S
        )

    def get(self, path: str, **query: str) -> requests.Response:
        return self.call("GET", path, None, None, **query)

    def put(self, plural: str, *records: Body, key: str | None = None, **query: str) -> requests.Response:
        """Create records; with an idempotency key where there is one."""
        return self.call("PUT", f"/{plural}", {plural: list(records)}, {"Idempotency-Key": key} if key else None, **query)

    def post(self, path: str, *records: Body, **query: str) -> requests.Response:
        """Create or change records; ``path`` may name one of them."""
        return self.call("POST", f"/{path}", {path.partition("/")[0]: list(records)}, None, **query)

    def upload(self, path: str, content: bytes, media_type: str, **query: str) -> requests.Response:
        """Put a file."""
        headers = {**self._usual, "Content-Type": media_type}
        return requests.put(self.xero.api_url + path, data=content, headers=headers, params=query, timeout=_TIMEOUT_S)

    def created(self, plural: str, record: Body, **query: str) -> Body:
        """A record that must be accepted, as it was answered."""
        answer = self.put(plural, record, **query)
        assert answer.status_code == 200, answer.text
        created: Body = answer.json()[plural][0]
        return created


def client_of(xero: FakeXero, *, scopes: str | None = None) -> Client:
    """An app that is connected to a new organisation."""
    organisation = xero.add_organisation()
    tokens = xero.connect(xero.add_app(), organisation, scopes=scopes)
    return Client(xero, organisation, tokens.access_token)


def refusals(answer: requests.Response) -> list[str]:
    """The messages of a 400, wherever they stand in its elements."""
    assert answer.status_code == 400, answer.text
    found: list[str] = []
    for element in answer.json()["Elements"]:
        for part in [element, *element.get("LineItems", [])]:
            found += [error["Message"] for error in part.get("ValidationErrors", [])]
    return found
