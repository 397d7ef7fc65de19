import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of

APP = ("client-1", "secret-1")
BACK = "https://billhook.example/oauth/callback"


@pytest.fixture
def fortnox(clocked_fortnox: FakeFortnox) -> FakeFortnox:
    """One company, one app."""
    clocked_fortnox.add_company("1000")
    clocked_fortnox.add_app(*APP, BACK)
    return clocked_fortnox


def authorized(fortnox: FakeFortnox, **changed: str) -> dict[str, str]:
    """What the browser brings back."""
    asked = {
        "client_id": APP[0],
        "redirect_uri": BACK,
        "scope": "invoice customer",
        "state": "s-1",
        "response_type": "code",
        "access_type": "offline",
    }
    answer = requests.get(f"{fortnox.auth_url}/auth", params=asked | changed, allow_redirects=False, timeout=20)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(fortnox: FakeFortnox, auth: tuple[str, str] = APP, tenant_id: str | None = None, **form: str) -> requests.Response:
    headers = {"TenantId": tenant_id} if tenant_id else {}
    return requests.post(f"{fortnox.auth_url}/token", data=form, auth=auth, headers=headers, timeout=20)


def by_code(fortnox: FakeFortnox, code: str) -> requests.Response:
    return token(fortnox, grant_type="authorization_code", code=code, redirect_uri=BACK)


def call(fortnox: FakeFortnox, access_token: str, path: str = "customers") -> requests.Response:
    return requests.get(f"{fortnox.api_url}/3/{path}", headers={"Authorization": f"Bearer {access_token}"}, timeout=20)


def test_a_code_becomes_tokens_once(fortnox: FakeFortnox) -> None:
    """The state comes back, the token names the company, the code is used up."""
    brought = authorized(fortnox)

    tokens = by_code(fortnox, brought["code"]).json()
    again = by_code(fortnox, brought["code"])

    assert brought["state"] == "s-1"
    assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (3600, "bearer", "customer invoice")
    claims = tokens["access_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["tenantId"] == 1000
    assert call(fortnox, tokens["access_token"]).status_code == 200
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_lives_ten_minutes(fortnox: FakeFortnox, clock: SetClock) -> None:
    """Not a second longer."""
    code = authorized(fortnox)["code"]
    clock.advance(minutes=10)

    assert by_code(fortnox, code).json()["error"] == "invalid_grant"


def test_without_offline_access_there_is_no_refresh_token(fortnox: FakeFortnox) -> None:
    """As documented."""
    assert "refresh_token" not in by_code(fortnox, authorized(fortnox, access_type="online")["code"]).json()


def test_an_access_token_lives_an_hour(fortnox: FakeFortnox, clock: SetClock) -> None:
    """Then the answer has neither code nor wrapper, as recorded."""
    access_token = by_code(fortnox, authorized(fortnox)["code"]).json()["access_token"]
    clock.advance(hours=1)

    answer = call(fortnox, access_token)

    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized"})


def test_a_refresh_token_works_once_and_without_grace(fortnox: FakeFortnox) -> None:
    """Who loses the answer has lost the connection."""
    first = by_code(fortnox, authorized(fortnox)["code"]).json()["refresh_token"]

    second = token(fortnox, grant_type="refresh_token", refresh_token=first)
    replay = token(fortnox, grant_type="refresh_token", refresh_token=first)
    third = token(fortnox, grant_type="refresh_token", refresh_token=second.json()["refresh_token"])

    assert (second.status_code, third.status_code) == (200, 200)
    assert (replay.status_code, replay.json()) == (400, {"error": "invalid_grant", "error_description": "Invalid refresh token"})


def test_a_refresh_whose_answer_is_lost_used_up_the_token(fortnox: FakeFortnox) -> None:
    """The fault that makes client credentials the better choice."""
    first = by_code(fortnox, authorized(fortnox)["code"]).json()["refresh_token"]
    fortnox.faults.create_then_drop("/oauth-v1/token")

    with pytest.raises(requests.ConnectionError):
        token(fortnox, grant_type="refresh_token", refresh_token=first)

    assert token(fortnox, grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"


def test_a_refresh_token_lives_45_days(fortnox: FakeFortnox, clock: SetClock) -> None:
    """Then the customer must consent again."""
    first = by_code(fortnox, authorized(fortnox)["code"]).json()["refresh_token"]
    clock.advance(days=45)

    assert token(fortnox, grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"


def test_client_credentials_need_the_consent_of_a_service_account(fortnox: FakeFortnox) -> None:
    """And the company's id in a header; there is no refresh token."""
    before = token(fortnox, tenant_id="1000", grant_type="client_credentials", scope="invoice")
    authorized(fortnox, account_type="service")

    given = token(fortnox, tenant_id="1000", grant_type="client_credentials", scope="invoice")
    nowhere = token(fortnox, grant_type="client_credentials", scope="invoice")
    too_much = token(fortnox, tenant_id="1000", grant_type="client_credentials", scope="order")

    assert (before.status_code, before.json()["error"]) == (400, "invalid_grant")
    assert (given.status_code, given.json()["scope"], "refresh_token" in given.json()) == (200, "invoice", False)
    assert call(fortnox, given.json()["access_token"], "invoices").status_code == 200
    assert nowhere.status_code == 400
    assert too_much.json()["error"] == "invalid_scope"


def test_a_revoked_consent_stops_everything(fortnox: FakeFortnox) -> None:
    """At once."""
    tokens = by_code(fortnox, authorized(fortnox, account_type="service")["code"]).json()
    form = {"token_type_hint": "refresh_token", "token": tokens["refresh_token"]}

    answer = requests.post(f"{fortnox.auth_url}/revoke", data=form, auth=APP, timeout=20)

    assert answer.json() == {"revoked": True}
    assert call(fortnox, tokens["access_token"]).status_code == 401
    assert token(fortnox, tenant_id="1000", grant_type="client_credentials").status_code == 400


def test_a_wrong_secret_is_told_as_recorded(fortnox: FakeFortnox) -> None:
    """401."""
    answer = token(fortnox, (APP[0], "wrong"), grant_type="refresh_token", refresh_token="x")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changed", "error"), [({"scope": "invoice bookkeeping"}, "invalid_scope"), ({"response_type": "token"}, "unsupported_response_type")]
)
def test_a_wrong_request_for_consent_comes_back_with_an_error(fortnox: FakeFortnox, changed: dict[str, str], error: str) -> None:
    """Together with the state."""
    assert authorized(fortnox, **changed) == {"state": "s-1", "error": error}


def test_the_person_may_say_no(fortnox: FakeFortnox) -> None:
    """Then there is no code."""
    fortnox.authority.denies = True

    assert authorized(fortnox)["error"] == "access_denied"


def test_a_wrong_address_to_return_to_is_never_followed(fortnox: FakeFortnox) -> None:
    """The error stays on the page."""
    asked = {"client_id": APP[0], "redirect_uri": "https://evil.example", "response_type": "code", "scope": "invoice"}

    assert requests.get(f"{fortnox.auth_url}/auth", params=asked, allow_redirects=False, timeout=20).status_code == 400


@pytest.mark.parametrize("status", [400, 403])
def test_a_missing_scope_is_told_with_its_code(fortnox: FakeFortnox, status: int) -> None:
    """Under either status; a missing licence likewise."""
    fortnox.scope_refusal_status = status
    fortnox.companies["1000"].unlicensed_scopes.add("order")
    with Caller(fortnox, scopes=("customer", "order")) as caller:
        assert code_of(caller.get("invoices")) == (status, 2000663)
        assert code_of(caller.get("orders")) == (400, 2001101)
