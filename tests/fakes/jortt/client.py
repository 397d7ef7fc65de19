"""A plain client, for the tests of the fake itself."""

from dataclasses import dataclass
from typing import Any

import requests

from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.fake import SCOPES, FakeJortt


@dataclass
class Client:
    """Calls with a bearer token."""

    jortt: FakeJortt
    session: requests.Session
    token: str

    @classmethod
    def of_owner(cls, jortt: FakeJortt, organisation: Organisation, session: requests.Session, scopes: str = "") -> "Client":
        """Logged in with the owner's own app."""
        jortt.add_app("own", "own-secret", "", SCOPES, organisation)
        form = {"grant_type": "client_credentials", "scope": scopes or " ".join(SCOPES)}
        answer = session.post(f"{jortt.auth_url}/token", data=form, auth=("own", "own-secret"), timeout=20)
        return cls(jortt, session, answer.json()["access_token"])

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """One call under /v3."""
        return self.session.request(
            method,
            f"{self.jortt.api_url}/v3{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )

    def create(self, path: str, body: Any) -> str:
        """POST, and the id."""
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def read(self, path: str) -> dict[str, Any]:
        """GET, and the data."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])


COMPANY = {
    "is_private": False,
    "customer_name": "Foto Cadeau BV",
    "address_street": "Keizersgracht 1",
    "address_postal_code": "1015CC",
    "address_city": "Amsterdam",
}


def line(amount: str = "10.00", quantity: str = "1", rate: str = "0.21", **more: Any) -> dict[str, Any]:
    """A line of an invoice."""
    price = {"amount": amount, "currency": "EUR"}
    return {"description": "T-shirt", "quantity": quantity, "amount": price, "vat": {"value": rate, "category": None}, **more}


def complaints(answer: requests.Response) -> set[tuple[str, str]]:
    """What an answer complains about: (key, parameter)."""
    return {(detail["key"], detail.get("param", "")) for detail in answer.json()["error"]["details"]}


def key_of(answer: requests.Response) -> tuple[int, str]:
    """Status and key of an error."""
    return answer.status_code, answer.json()["error"]["key"]
