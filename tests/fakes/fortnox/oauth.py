"""Fortnox's authorization server: consents, codes, rotating refresh tokens, and client credentials for service accounts."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.fakes.vendor_server import Clock, Reply, Request

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=45)


class TokenRefused(Exception):
    """An answer of the token endpoint as RFC 6749 has it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.document = {"error": error, "error_description": description}
        self.status = status


@dataclass(frozen=True, slots=True)
class App:
    """An integration as registered with Fortnox. ``scopes`` are those it may ask for."""

    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a company allowed an app: the content of codes and tokens."""

    client_id: str
    tenant_id: str
    scopes: frozenset[str]
    expires_at: datetime
    redirect_uri: str = ""
    offline: bool = True


@dataclass(slots=True)
class Authority:
    """Knows the apps and hands out tokens. ``tenant`` tells which company the person at the consent page chooses.

    ``denies``: that person says no.
    """

    clock: Clock
    tenant: Callable[[], str]
    apps: dict[str, App] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    service_accounts: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    denies: bool = False

    def answer(self, request: Request) -> Reply:
        """Route a request to /oauth-v1."""
        match request.method, request.segments[1:]:
            case "GET", ["auth"]:
                return self._authorize(dict(request.query))
            case "POST", ["token"]:
                return self._guarded(self._token, request)
            case "POST", ["revoke"]:
                return self._guarded(self._revoke, request)
            case _:
                return Reply(404, b"Not Found", "text/plain")

    def consent(self, client_id: str, tenant_id: str, *, scopes: frozenset[str] | None = None) -> None:
        """What authorizing with ``account_type=service`` leaves behind: client credentials work until it is revoked."""
        self.service_accounts[client_id, tenant_id] = self.apps[client_id].scopes if scopes is None else scopes

    def revoke(self, client_id: str, tenant_id: str) -> None:
        """The company takes everything back, at once."""
        self.service_accounts.pop((client_id, tenant_id), None)
        for tokens in (self.access_tokens, self.refresh_tokens, self.codes):
            for token in [token for token, grant in tokens.items() if (grant.client_id, grant.tenant_id) == (client_id, tenant_id)]:
                del tokens[token]

    def expire_access_tokens(self) -> None:
        """Every access token is stale from now on; refresh tokens and consents stay."""
        self.access_tokens.clear()

    def grant_of(self, access_token: str) -> Grant | None:
        """What a token stands for, while it is valid."""
        grant = self.access_tokens.get(access_token)
        return grant if grant and grant.expires_at > self.clock.now() else None

    def access_token(self, client_id: str, tenant_id: str, scopes: frozenset[str]) -> str:
        """A new token in the shape of a JWT; the claim ``tenantId`` is what integrations read."""
        expires_at = self.clock.now() + ACCESS_LIFE
        claims = {"tenantId": int(tenant_id), "userId": 1, "clientId": client_id, "exp": int(expires_at.timestamp())}
        token = ".".join((_part({"alg": "HS256", "typ": "JWT"}), _part(claims), secrets.token_urlsafe(32)))
        self.access_tokens[token] = Grant(client_id, tenant_id, scopes, expires_at)
        return token

    def refresh_token(self, client_id: str, tenant_id: str, scopes: frozenset[str]) -> str:
        """A new token."""
        token = secrets.token_hex(20)
        self.refresh_tokens[token] = Grant(client_id, tenant_id, scopes, self.clock.now() + REFRESH_LIFE)
        return token

    def _authorize(self, asked: dict[str, str]) -> Reply:
        app = self.apps.get(asked.get("client_id", ""))
        if app is None or asked.get("redirect_uri") != app.redirect_uri:
            return Reply(400, b"<html><body>Invalid client or redirect_uri</body></html>", "text/html")
        answer = {"state": asked["state"]} if "state" in asked else {}
        scopes = frozenset(asked.get("scope", "").split())
        if asked.get("response_type") != "code":
            answer |= {"error": "unsupported_response_type"}
        elif not scopes or not scopes <= app.scopes:
            answer |= {"error": "invalid_scope"}
        elif self.denies:
            answer |= {"error": "access_denied", "error_description": "The resource owner denied the request"}
        else:
            answer |= {"code": self._consented(app, scopes, asked)}
        return Reply(302, headers={"Location": f"{app.redirect_uri}?{urlencode(answer)}"})

    def _consented(self, app: App, scopes: frozenset[str], asked: dict[str, str]) -> str:
        tenant_id = self.tenant()
        if asked.get("account_type") == "service":
            self.consent(app.client_id, tenant_id, scopes=scopes)
        code, expires_at = secrets.token_hex(16), self.clock.now() + CODE_LIFE
        offline = asked.get("access_type") == "offline"
        self.codes[code] = Grant(app.client_id, tenant_id, scopes, expires_at, app.redirect_uri, offline)
        return code

    def _guarded(self, act: Callable[[App, Request], dict[str, Any]], request: Request) -> Reply:
        try:
            return Reply.of_json(act(self._client(request), request), Cache_Control="no-store")
        except TokenRefused as refused:
            return Reply.of_json(refused.document, refused.status, Cache_Control="no-store")

    def _client(self, request: Request) -> App:
        kind, _, credentials = request.header("Authorization").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id, secret = "", ""
        app = self.apps.get(client_id)
        if kind != "Basic" or app is None or app.client_secret != secret:
            raise TokenRefused("invalid_client", "The client credentials are invalid", 401)
        return app

    def _token(self, app: App, request: Request) -> dict[str, Any]:
        form = request.form()
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(app, form)
            case "refresh_token":
                return self._by_refresh_token(app, form)
            case "client_credentials":
                return self._by_credentials(app, form, request.header("TenantId"))
            case _:
                raise TokenRefused("unsupported_grant_type", "The grant type is missing or not supported")

    def _by_code(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        # The code is gone whatever comes of it.
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.client_id != app.client_id or grant.expires_at <= self.clock.now():
            raise TokenRefused("invalid_grant", "Authorization code doesn't exist or is invalid for the client")
        if form.get("redirect_uri") != grant.redirect_uri:
            raise TokenRefused("invalid_grant", "The redirect URI does not match")
        return self._tokens(grant, with_refresh=grant.offline)

    def _by_refresh_token(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        token = form.get("refresh_token", "")
        grant = self.refresh_tokens.get(token)
        if grant is None or grant.client_id != app.client_id or grant.expires_at <= self.clock.now():
            raise TokenRefused("invalid_grant", "Invalid refresh token")
        # Without any grace: a caller that loses this answer has lost the connection.
        del self.refresh_tokens[token]
        return self._tokens(grant, with_refresh=True)

    def _by_credentials(self, app: App, form: dict[str, str], tenant_id: str) -> dict[str, Any]:
        consented = self.service_accounts.get((app.client_id, tenant_id))
        if consented is None:
            raise TokenRefused("invalid_grant", "No service account has consented for this tenant")
        scopes = frozenset(form.get("scope", "").split()) or consented
        if not scopes <= consented:
            raise TokenRefused("invalid_scope", "The requested scope was not consented to")
        return self._tokens(Grant(app.client_id, tenant_id, scopes, self.clock.now()), with_refresh=False)

    def _tokens(self, grant: Grant, *, with_refresh: bool) -> dict[str, Any]:
        given = (grant.client_id, grant.tenant_id, grant.scopes)
        answer: dict[str, Any] = {
            "access_token": self.access_token(*given),
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "bearer",
            "scope": " ".join(sorted(grant.scopes)),
        }
        return answer | ({"refresh_token": self.refresh_token(*given)} if with_refresh else {})

    def _revoke(self, app: App, request: Request) -> dict[str, Any]:
        token = request.form().get("token", "")
        grant = self.refresh_tokens.get(token) or self.access_tokens.get(token)
        if grant is not None and grant.client_id == app.client_id:
            self.revoke(app.client_id, grant.tenant_id)
        return {"revoked": True}


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
