"""Consent, tokens and connections as Xero's identity service handles them."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.fakes.clock import SetClock
from tests.fakes.xero import App, FakeXero, Tokens
from tests.fakes.xero.client import Client


@pytest.fixture
def app(fake_xero: FakeXero) -> App:
    return fake_xero.add_app()


def redirected(url: str) -> dict[str, str]:
    """What the app is told when the browser comes back."""
    answer = requests.get(url, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(xero: FakeXero, app: App, **form: str) -> requests.Response:
    return requests.post(f"{xero.identity_url}/connect/token", data=form, auth=(app.client_id, app.client_secret), timeout=20)


def refreshed(xero: FakeXero, app: App, tokens: Tokens) -> requests.Response:
    return token(xero, app, grant_type="refresh_token", refresh_token=str(tokens.refresh_token))


def connections(xero: FakeXero, access_token: str, **query: str) -> requests.Response:
    return requests.get(xero.connections_url, headers={"Authorization": f"Bearer {access_token}"}, params=query, timeout=20)


def test_a_consent_becomes_tokens_and_connections(fake_xero: FakeXero, app: App) -> None:
    """The code comes back with the state, is good once, and only the chosen organisation is connected."""
    chosen, _ = fake_xero.add_organisation("Chosen"), fake_xero.add_organisation("Other")
    fake_xero.will_consent(chosen)
    form = {"grant_type": "authorization_code", "redirect_uri": app.redirect_uri}

    back = redirected(fake_xero.authorized_url(app))
    first, second = token(fake_xero, app, code=back["code"], **form), token(fake_xero, app, code=back["code"], **form)

    assert back["state"]
    assert first.json()["expires_in"] == 1800
    assert [one["tenantId"] for one in connections(fake_xero, first.json()["access_token"]).json()] == [chosen.tenant_id]
    assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(("verifier", "status"), [("the-very-secret-verifier-of-this-app-and-login", 200), ("another", 400)])
def test_a_code_with_a_challenge_needs_its_verifier(fake_xero: FakeXero, app: App, verifier: str, status: int) -> None:
    """PKCE with S256."""
    digest = hashlib.sha256(b"the-very-secret-verifier-of-this-app-and-login").digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    back = redirected(f"{fake_xero.authorized_url(app)}&code_challenge={challenge}&code_challenge_method=S256")

    answer = token(
        fake_xero, app, grant_type="authorization_code", redirect_uri=app.redirect_uri, code=back["code"], code_verifier=verifier
    )

    assert answer.status_code == status


def test_a_user_may_say_no(fake_xero: FakeXero, app: App) -> None:
    """The app is told so and gets no code."""
    fake_xero.will_deny()

    back = redirected(fake_xero.authorized_url(app))

    assert back["error"] == "access_denied"
    assert "code" not in back


def test_nobody_is_sent_to_an_address_that_is_not_the_apps(fake_xero: FakeXero, app: App) -> None:
    """The page stays and says so."""
    url = fake_xero.authorized_url(app).replace(app.redirect_uri, "http://elsewhere.example/")

    answer = requests.get(url, allow_redirects=False, timeout=20)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_is_for_the_app_that_asked(fake_xero: FakeXero, app: App) -> None:
    """Another app cannot use it, nor its refresh tokens."""
    other = fake_xero.add_app("other", "other-secret")
    back = redirected(fake_xero.authorized_url(app))
    tokens = fake_xero.connect(app, fake_xero.add_organisation())

    stolen = token(fake_xero, other, grant_type="authorization_code", redirect_uri=app.redirect_uri, code=back["code"])

    assert (stolen.status_code, stolen.json()) == (400, {"error": "invalid_grant"})
    assert refreshed(fake_xero, other, tokens).status_code == 400


def test_an_app_cannot_ask_for_more_than_it_may(fake_xero: FakeXero, app: App) -> None:
    """Scopes that it was not registered for."""
    assert redirected(fake_xero.authorized_url(app, "accounting.transactions"))["error"] == "invalid_scope"


def test_a_used_refresh_token_works_on_for_half_an_hour(fake_xero: FakeXero, app: App, xero_clock: SetClock) -> None:
    """Xero's grace for a lost answer, counted from the first use."""
    tokens = fake_xero.connect(app, fake_xero.add_organisation())

    first = refreshed(fake_xero, app, tokens)
    xero_clock.advance(minutes=29, seconds=59)
    again = refreshed(fake_xero, app, tokens)
    xero_clock.advance(seconds=1)
    late = refreshed(fake_xero, app, tokens)

    assert [first.status_code, again.status_code, late.status_code] == [200, 200, 400]
    assert len({tokens.refresh_token, first.json()["refresh_token"], again.json()["refresh_token"]}) == 3
    assert late.json() == {"error": "invalid_grant"}


def test_an_unused_refresh_token_dies_after_sixty_days(fake_xero: FakeXero, app: App, xero_clock: SetClock) -> None:
    """The user must consent again."""
    tokens = fake_xero.connect(app, fake_xero.add_organisation())

    xero_clock.advance(days=60)

    assert refreshed(fake_xero, app, tokens).status_code == 400


def test_without_offline_access_there_is_no_refresh_token(fake_xero: FakeXero, app: App) -> None:
    """Only the access token of half an hour."""
    assert fake_xero.connect(app, fake_xero.add_organisation(), scopes="accounting.invoices").refresh_token is None


def test_a_wrong_secret_gets_nothing(fake_xero: FakeXero, app: App) -> None:
    """The client is authenticated before anything else."""
    answer = requests.post(
        f"{fake_xero.identity_url}/connect/token", data={"grant_type": "refresh_token"}, auth=(app.client_id, "guess"), timeout=20
    )

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_an_expired_access_token_says_so(client: Client, xero_clock: SetClock) -> None:
    """After half an hour: the words that a client recognises."""
    xero_clock.advance(minutes=30)

    answer = client.get("/Organisation")

    assert answer.status_code == 401
    assert answer.json()["Detail"].startswith("TokenExpired")


def test_an_unknown_token_is_not_authentic(client: Client) -> None:
    """Not a refresh will help, but a consent."""
    answer = client.call("GET", "/Organisation", headers={"Authorization": "Bearer made-up"})

    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthenticationUnsuccessful")


def test_a_missing_scope_is_a_401_that_no_refresh_cures(fake_xero: FakeXero, app: App) -> None:
    """``accounting.contacts`` alone does not open the settings; reading scopes do not let write."""
    organisation = fake_xero.add_organisation()
    tokens = fake_xero.connect(app, organisation, scopes="accounting.contacts.read")
    client = Client(fake_xero, organisation, tokens.access_token)

    answers = [client.get("/Contacts"), client.get("/Accounts"), client.put("Contacts", {"Name": "New"})]

    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert answers[1].json()["Detail"] == "AuthorizationUnsuccessful"


def test_a_tenant_that_is_not_connected_is_forbidden_in_lower_case(client: Client, fake_xero: FakeXero) -> None:
    """The other spelling of the keys, which clients must read too."""
    other = fake_xero.add_organisation("Not connected")

    answer = client.call("GET", "/Organisation", headers={"xero-tenant-id": other.tenant_id})

    assert answer.status_code == 403
    assert (answer.json()["title"], answer.json()["detail"]) == ("Forbidden", "AuthenticationUnsuccessful")


def test_a_deleted_connection_ends_the_work_for_that_organisation(client: Client, fake_xero: FakeXero) -> None:
    """It is deleted by its own id; the tokens live on."""
    headers = {"Authorization": f"Bearer {client.access_token}"}
    connection_id = connections(fake_xero, client.access_token).json()[0]["id"]

    deleted = requests.delete(f"{fake_xero.connections_url}/{connection_id}", headers=headers, timeout=20)

    assert deleted.status_code == 204
    assert client.get("/Organisation").status_code == 403
    assert connections(fake_xero, client.access_token).json() == []


def test_a_revoked_consent_takes_tokens_and_connections_with_it(fake_xero: FakeXero, app: App) -> None:
    """Everything that followed from it."""
    tokens = fake_xero.connect(app, fake_xero.add_organisation())

    answer = requests.post(
        f"{fake_xero.identity_url}/connect/revocation",
        data={"token": tokens.refresh_token},
        auth=(app.client_id, app.client_secret),
        timeout=20,
    )

    assert answer.status_code == 200
    assert refreshed(fake_xero, app, tokens).status_code == 400
    assert connections(fake_xero, tokens.access_token).status_code == 401
    assert fake_xero.identity.connections == []


def test_connections_can_be_narrowed_to_the_last_consent(fake_xero: FakeXero, app: App) -> None:
    """By the id of the consent, which the connections carry."""
    first, second = fake_xero.add_organisation("First"), fake_xero.add_organisation("Second")
    fake_xero.connect(app, first)
    tokens = fake_xero.connect(app, second)

    everything = connections(fake_xero, tokens.access_token).json()
    last = connections(fake_xero, tokens.access_token, authEventId=everything[1]["authEventId"]).json()

    assert [one["tenantName"] for one in everything] == ["First", "Second"]
    assert [one["tenantName"] for one in last] == ["Second"]
