"""Tokens, as jortt gives them and takes them away."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.fakes.jortt.client import Client, key_of
from tests.fakes.jortt.oauth import CODE_S

REDIRECT = "https://billhook.example/callback"
SECRET = ("app", "app-secret")
CONSENT = {"client_id": "app", "redirect_uri": REDIRECT, "response_type": "code", "scope": "invoices:read", "state": "s1"}


@pytest.fixture
def app(jortt, organisation):
    return jortt.add_app(*SECRET, REDIRECT, {"invoices:read", "customers:read"})


def consent(jortt, session, **changes) -> dict[str, str]:
    """What the browser is sent back with."""
    answer = session.get(f"{jortt.auth_url}/authorize", params={**CONSENT, **changes}, allow_redirects=False, timeout=20)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(jortt, session, form, secret=SECRET) -> requests.Response:
    return session.post(f"{jortt.auth_url}/token", data=form, auth=secret, timeout=20)


def redeemed(jortt, session) -> dict:
    code = consent(jortt, session)["code"]
    return token(jortt, session, {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}).json()


def refresh(jortt, session, refresh_token) -> requests.Response:
    return token(jortt, session, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def test_a_code_is_exchanged_once_for_both_tokens(jortt, session, app, jortt_clock) -> None:
    """The state comes back, and the answer has the documented members."""
    back = consent(jortt, session)
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT}

    first, second = token(jortt, session, form), token(jortt, session, form)

    assert back["state"] == "s1"
    assert first.json() | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 7200,
        "refresh_token": "",
        "scope": "invoices:read",
        "created_at": int(jortt_clock.now().timestamp()),
    }
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


def test_a_code_dies_after_ten_minutes(jortt, session, app, jortt_clock) -> None:
    code = consent(jortt, session)["code"]

    jortt_clock.advance(seconds=CODE_S)

    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert token(jortt, session, form).json()["error"] == "invalid_grant"


def test_a_refresh_rotates_both_tokens(jortt, session, app) -> None:
    """The old refresh token is dead at once, and so is the old access token."""
    old = redeemed(jortt, session)

    new = refresh(jortt, session, old["refresh_token"]).json()

    assert refresh(jortt, session, old["refresh_token"]).json()["error"] == "invalid_grant"
    assert key_of(Client(jortt, session, old["access_token"]).call("GET", "/invoices")) == (401, "access_token.revoked")
    assert Client(jortt, session, new["access_token"]).call("GET", "/invoices").status_code == 200
    assert jortt.log_ins.grants == {"authorization_code": 1, "refresh_token": 1}


def test_an_owner_logs_in_without_a_browser_and_gets_no_refresh_token(jortt, organisation, session) -> None:
    jortt.add_app("own", "s", "", {"invoices:read"}, organisation)

    answer = token(jortt, session, {"grant_type": "client_credentials", "scope": "invoices:read"}, ("own", "s")).json()

    assert "refresh_token" not in answer
    assert Client(jortt, session, answer["access_token"]).call("GET", "/invoices").status_code == 200


@pytest.mark.parametrize(
    ("form", "secret", "expected"),
    [
        ({"grant_type": "client_credentials", "scope": "invoices:read"}, ("app", "wrong"), (401, "invalid_client")),
        ({"grant_type": "client_credentials", "scope": "invoices:read"}, None, (401, "invalid_client")),
        ({"grant_type": "client_credentials", "scope": "invoices:read"}, SECRET, (400, "unauthorized_client")),
        ({"grant_type": "client_credentials", "scope": "payroll:read"}, ("own", "s"), (400, "invalid_scope")),
        ({"grant_type": "password"}, SECRET, (400, "unsupported_grant_type")),
        ({"grant_type": "refresh_token", "refresh_token": "never given"}, SECRET, (400, "invalid_grant")),
    ],
)
def test_a_wrong_request_for_a_token_is_refused(jortt, organisation, session, app, form, secret, expected) -> None:
    jortt.add_app("own", "s", "", {"invoices:read"}, organisation)

    answer = token(jortt, session, form, secret)

    assert (answer.status_code, answer.json()["error"]) == expected


@pytest.mark.parametrize(
    ("changes", "error"), [({"scope": "invoices:write"}, "invalid_scope"), ({"response_type": "token"}, "unsupported_response_type")]
)
def test_consent_is_refused_with_a_reason(jortt, session, app, changes, error) -> None:
    assert consent(jortt, session, **changes) == {"error": error, "state": "s1"}


def test_a_user_may_say_no(jortt, session, app) -> None:
    jortt.log_ins.consenting = None

    assert consent(jortt, session) == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize("change", [{"client_id": "other"}, {"redirect_uri": "https://evil.example/"}])
def test_nobody_is_sent_to_an_address_that_is_not_registered(jortt, session, app, change) -> None:
    answer = session.get(f"{jortt.auth_url}/authorize", params={**CONSENT, **change}, allow_redirects=False, timeout=20)

    assert "Location" not in answer.headers


def test_a_token_expires_after_two_hours(jortt, client, jortt_clock) -> None:
    jortt_clock.advance(seconds=7199)
    last = client.call("GET", "/invoices")
    jortt_clock.advance(seconds=1)

    assert last.status_code == 200
    assert key_of(client.call("GET", "/invoices")) == (401, "access_token.expired")


def test_each_reason_for_a_401_has_its_key(jortt, organisation, session, client) -> None:
    """A missing scope is one of them: refreshing would not help."""
    reader = Client.of_owner(jortt, organisation, session, "invoices:read")

    assert key_of(reader.call("GET", "/customers")) == (401, "scopes.insufficient")
    assert key_of(Client(jortt, session, "made up").call("GET", "/customers")) == (401, "access_token.invalid")
    organisation.on_mkb_plan = False
    assert key_of(client.call("GET", "/customers")) == (401, "organization.requires_mkb_plan")
    organisation.on_mkb_plan = True
    jortt.log_ins.revoke_all()
    assert key_of(client.call("GET", "/customers")) == (401, "access_token.revoked")


def test_a_revoked_refresh_token_ends_its_access_token(jortt, session, app) -> None:
    tokens = redeemed(jortt, session)

    session.post(f"{jortt.auth_url}/revoke", data={"token": tokens["refresh_token"]}, auth=SECRET, timeout=20)

    assert key_of(Client(jortt, session, tokens["access_token"]).call("GET", "/invoices")) == (401, "access_token.revoked")
    assert refresh(jortt, session, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_lost_answer_to_a_refresh_has_used_the_token_up(jortt, session, app) -> None:
    """What a refresh under a row lock cannot protect from: then a person reconnects."""
    tokens = redeemed(jortt, session)
    jortt.faults.create_then_drop(on="POST /oauth-provider/oauth/token")

    with pytest.raises(requests.ConnectionError):
        refresh(jortt, session, tokens["refresh_token"])

    assert refresh(jortt, session, tokens["refresh_token"]).json()["error"] == "invalid_grant"
