"""How Fortnox and jortt differ from Xero, and what each failure of a token endpoint means."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.accounting.app_of import DEFAULT_SCOPES
from adapters.accounting.oauth_vendors import OAuthVendorsByKind
from application.accounting.vendor_addresses import VendorAddresses
from application.ports.connections import Connection, ConnectionState
from application.ports.oauth import Grant, OAuthApp, OAuthVendor
from application.use_cases.begin_connect import BeginConnect, BegunConnect, Connected
from application.use_cases.disconnect import Disconnect
from application.use_cases.finish_connect import FinishConnect
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.fortnox.server import FakeFortnox
from tests.fakes.jortt.fake import FakeJortt
from tests.fakes.vendor_server import Reply, Request, VendorServer
from tests.integration.accounting.office import REDIRECT, Office, browse, open_session

FORTNOX, JORTT = "501/fortnox", "501/jortt"


class TokenEndpoint(VendorServer):
    """A vendor that answers each request for a token alike."""

    reply = Reply()

    def answer(self, request: Request) -> Reply:
        return self.reply

    def error_reply(self, status: int) -> Reply:
        return Reply(status)


@pytest.fixture
def fortnox(office: Office) -> Iterator[FakeFortnox]:
    """Knows our app and one company; the office speaks to it."""
    with FakeFortnox(office.clock) as fortnox:
        fortnox.add_company("1000", "Provbolaget AB")
        fortnox.add_app("billhook", "app-secret", REDIRECT)
        addresses = VendorAddresses(fortnox_api_url=fortnox.url, fortnox_auth_url=fortnox.url)
        office.vendors = OAuthVendorsByKind(addresses, open_session, office.clock)
        office.wire()
        yield fortnox


@pytest.fixture
def jortt(office: Office) -> Iterator[FakeJortt]:
    """Knows one organisation, and our app as its own; the office speaks to it."""
    with FakeJortt(office.clock.now) as jortt:
        organisation = jortt.add_organisation("Drukkerij Utrecht")
        jortt.add_app("billhook", "app-secret", REDIRECT, organisation=organisation)
        addresses = VendorAddresses(jortt_api_url=jortt.api_url, jortt_auth_url=jortt.api_url)
        office.vendors = OAuthVendorsByKind(addresses, open_session, office.clock)
        office.wire()
        yield jortt


def connection(office: Office, path: str) -> Connection:
    with office.units_of_work() as uow:
        return uow.connections.find(path)


def current(office: Office, path: str) -> str:
    return office.access_tokens.current(path, path.partition("/")[2], office.desk.find(path).app).token


def connect(office: Office, path: str) -> Connected:
    begun = office.begin_connect(BeginConnect(path, "ada"))
    if isinstance(begun, Connected):
        return begun
    return office.finish_connect(FinishConnect(path, browse(begun.authorize_url), "ada"))


def test_a_consent_at_fortnox_is_for_one_company(office: Office, fortnox: FakeFortnox) -> None:
    """Offline, and refreshed by a token that works once."""
    office.declare("fortnox", grant="authorization_code")

    connected = connect(office, FORTNOX)
    first = current(office, FORTNOX)
    office.clock.advance(hours=2)
    second = current(office, FORTNOX)

    assert (connected.connection.organisation_id, connected.connection.organisation_name) == ("1000", "Provbolaget AB")
    assert connected.connection.scopes == tuple(sorted(DEFAULT_SCOPES["fortnox"]))
    assert first != second
    assert fortnox.calls["POST", "/oauth-v1/token"] == 2


def test_a_service_account_is_consented_to_once(office: Office, fortnox: FakeFortnox) -> None:
    """From then on the app asks by itself, and names the company that consented."""
    office.declare("fortnox", grant="client_credentials")

    connect(office, FORTNOX)
    office.clock.advance(days=50)
    later = current(office, FORTNOX)

    assert connection(office, FORTNOX).organisation_id == "1000"
    assert later == connection(office, FORTNOX).tokens.access_token
    assert fortnox.requests[-1].header("TenantId") == "1000"
    assert fortnox.requests[-1].form()["grant_type"] == "client_credentials"


def test_a_company_that_is_known_to_have_consented_is_connected_at_once(office: Office, fortnox: FakeFortnox) -> None:
    """Where it turns out that it has not, the user is asked."""
    office.declare("fortnox", grant="client_credentials", tenant_id="1000")

    not_yet = office.begin_connect(BeginConnect(FORTNOX, "ada"))
    fortnox.consent("billhook", "1000")
    connected = office.begin_connect(BeginConnect(FORTNOX, "ada"))

    assert isinstance(not_yet, BegunConnect)
    assert "account_type=service" in not_yet.authorize_url
    assert isinstance(connected, Connected)
    assert connected.connection.organisation_name == "Provbolaget AB"


def test_a_consent_taken_back_at_fortnox_needs_a_person(office: Office, fortnox: FakeFortnox) -> None:
    """Whichever way the tokens came."""
    for grant in ("authorization_code", "client_credentials"):
        office.declare("fortnox", grant=grant)
        connect(office, FORTNOX)
        fortnox.authority.revoke("billhook", "1000")
        office.clock.advance(hours=2)

        with pytest.raises(DomainError) as caught:
            current(office, FORTNOX)

        assert caught.value.code == "needs_reauth"
        assert connection(office, FORTNOX).state is ConnectionState.NEEDS_REAUTH


def test_disconnecting_revokes_the_refresh_token(office: Office, fortnox: FakeFortnox) -> None:
    """At Fortnox that ends the consent."""
    office.declare("fortnox", grant="authorization_code")
    connect(office, FORTNOX)

    office.disconnect(Disconnect(FORTNOX, "ada"))

    assert not fortnox.authority.refresh_tokens
    assert connection(office, FORTNOX).state is ConnectionState.NOT_CONNECTED


def test_an_app_of_the_owner_is_connected_to_jortt_at_once(office: Office, jortt: FakeJortt) -> None:
    """There is no refresh token: access is asked for anew."""
    office.declare("jortt", grant="client_credentials")

    connected = connect(office, JORTT)
    first = current(office, JORTT)
    office.clock.advance(hours=3)
    second = current(office, JORTT)
    ended = office.disconnect(Disconnect(JORTT, "ada"))

    assert connected.connection.organisation_name == "Drukkerij Utrecht"
    assert connected.connection.tokens.refresh_token == ""
    assert first != second
    assert ended.connection is not None


def test_an_app_for_others_needs_a_consent_at_jortt(office: Office, jortt: FakeJortt) -> None:
    """And its end is told there."""
    office.declare("jortt", grant="authorization_code")
    connect(office, JORTT)
    office.clock.advance(hours=3)
    refreshed = current(office, JORTT)

    office.disconnect(Disconnect(JORTT, "ada"))

    assert jortt.log_ins.access[refreshed].revoked


@pytest.fixture
def endpoint(office: Office) -> Iterator[tuple[TokenEndpoint, OAuthVendor]]:
    """A vendor's token endpoint that says what the test says."""
    with TokenEndpoint() as server:
        addresses = VendorAddresses(xero_identity_url=server.url)
        yield server, OAuthVendorsByKind(addresses, open_session, office.clock).of("xero")


APP = OAuthApp("billhook", "app-secret", REDIRECT, ("accounting.invoices",))


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply.of_json({"error": "invalid_grant"}, 400), "needs_reauth"),
        (Reply.of_json({"error": "unauthorized_client"}, 400), "needs_reauth"),
        (Reply.of_json({"error": "invalid_client"}, 401), "app_refused"),
        (Reply.of_json({"error": "invalid_scope"}, 400), "scopes_refused"),
        (Reply.of_json({"error": "unheard_of", "error_description": "no"}, 400), "consent_refused"),
        (Reply(403, b"<html>forbidden", "text/html"), "consent_refused"),
    ],
)
def test_each_refusal_of_a_refresh_is_told_apart(endpoint: tuple[TokenEndpoint, OAuthVendor], reply: Reply, code: str) -> None:
    """Only some mean that the consent is gone."""
    server, vendor = endpoint
    server.reply = reply

    with pytest.raises(DomainError) as caught:
        vendor.refresh(APP, "the-refresh-token")

    assert caught.value.code == code
    assert "the-refresh-token" not in caught.value.text


@pytest.mark.parametrize(
    "reply",
    [Reply(500), Reply(503, b"maintenance"), Reply(429), Reply(200, b"<html>"), Reply.of_json({"token_type": "Bearer"}), Reply(200, b"[]")],
)
def test_what_is_no_answer_is_asked_for_again(endpoint: tuple[TokenEndpoint, OAuthVendor], reply: Reply) -> None:
    """No consent is given up for it."""
    server, vendor = endpoint
    server.reply = reply

    with pytest.raises(TemporaryFailure) as caught:
        vendor.refresh(APP, "the-refresh-token")

    assert "the-refresh-token" not in caught.value.text


def test_an_app_without_a_refresh_token_asks_for_a_consent(endpoint: tuple[TokenEndpoint, OAuthVendor]) -> None:
    """The scope offline_access was forgotten."""
    with pytest.raises(DomainError, match="offline_access"):
        endpoint[1].refresh(APP, "")


def test_secrets_of_an_app_show_in_no_text(endpoint: tuple[TokenEndpoint, OAuthVendor]) -> None:
    """Neither the app's nor the tokens'."""
    server, vendor = endpoint
    server.reply = Reply.of_json({"access_token": "secret-a", "refresh_token": "secret-r", "expires_in": 1800, "scope": "a b"})

    granted = vendor.refresh(replace(APP, grant=Grant.AUTHORIZATION_CODE), "x")

    assert granted.tokens.refresh_token == "secret-r"
    assert granted.scopes == ("a", "b")
    assert "secret" not in f"{granted}{APP}"
