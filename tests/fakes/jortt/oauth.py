"""The log-in server: apps, consent, tokens.

A refresh token works once, and a refresh ends the access token that came with it, as Doorkeeper does by default; whether jortt leaves a
grace is not known. Codes live 10 minutes, access tokens 7200 seconds.
"""

import base64
import binascii
import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote_plus, urlencode

from tests.fakes.jortt.books import Now, Organisation
from tests.fakes.jortt.errors import Refusal
from tests.fakes.jortt.http import Reply, Request, json_reply

ACCESS_S = 7200
CODE_S = 600


@dataclass(frozen=True, slots=True)
class App:
    """A registered client. With an organisation it is that owner's own, which is what ``client_credentials`` needs."""

    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: frozenset[str]
    organisation: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or token stands for."""

    app: App
    organisation: Organisation
    scopes: frozenset[str]
    until: datetime
    redirect_uri: str = ""
    refresh_token: str = ""
    revoked: bool = False


class OAuthRefusal(Exception):
    """An error in the shape of RFC 6749, 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status

    def reply(self) -> Reply:
        """As it goes out."""
        return json_reply(self.status, {"error": self.error, "error_description": f"The request was refused: {self.error}."})


@dataclass
class LogIns:
    """The state of the log-in server. ``consenting`` says yes to apps of others; None says no."""

    now: Now
    apps: dict[str, App] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    refreshes: dict[str, str] = field(default_factory=dict)
    consenting: Organisation | None = None
    grants: Counter[str] = field(default_factory=Counter)

    def authorize(self, request: Request) -> Reply:
        """The consent page, answered at once."""
        query = request.query
        app = self.apps.get(query.get("client_id", ""))
        if app is None:
            raise OAuthRefusal("invalid_client", 401)
        if query.get("redirect_uri") != app.redirect_uri:
            raise OAuthRefusal("invalid_redirect_uri")
        answer = self._consent(app, query.get("response_type", ""), query.get("scope", ""))
        state = {"state": query["state"]} if "state" in query else {}
        return Reply(302, headers={"Location": f"{app.redirect_uri}?{urlencode({**answer, **state})}"})

    def token(self, request: Request) -> Reply:
        """The token endpoint: Basic log-in, a form."""
        app, form = self._client(request), request.form()
        grant_type = form.get("grant_type", "")
        if grant_type == "client_credentials":
            grant = self._own(app, form.get("scope", ""))
        elif grant_type == "authorization_code":
            grant = self._redeemed(app, form)
        elif grant_type == "refresh_token":
            grant = self._refreshed(app, form.get("refresh_token", ""))
        else:
            raise OAuthRefusal("unsupported_grant_type")
        self.grants[grant_type] += 1
        return self._issue(grant, refreshable=grant_type != "client_credentials")

    def revoke(self, request: Request) -> Reply:
        """RFC 7009; that jortt has it is assumed. Ends the pair of tokens that the token belongs to."""
        self._client(request)
        token = request.form().get("token", "")
        self.revoke_access(self.refreshes.pop(token, token))
        return json_reply(200, {})

    def revoke_access(self, token: str) -> None:
        """End an access token and its refresh token."""
        if token in self.access:
            self.refreshes.pop(self.access[token].refresh_token, None)
            self.access[token] = replace(self.access[token], revoked=True)

    def revoke_all(self) -> None:
        """As when the owner removes the app: every token ends."""
        for token in list(self.access):
            self.revoke_access(token)

    def organisation_of(self, request: Request, scope: str) -> Organisation:
        """Whose data the bearer may use. Raises Refusal: for a missing scope that is a 401 too, not a 403."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.access.get(token) if scheme == "Bearer" else None
        if grant is None:
            raise Refusal(401, "access_token.invalid")
        if grant.revoked:
            raise Refusal(401, "access_token.revoked")
        if self.now() >= grant.until:
            raise Refusal(401, "access_token.expired")
        if not grant.organisation.on_mkb_plan:
            raise Refusal(401, "organization.requires_mkb_plan")
        if scope not in grant.scopes:
            raise Refusal(401, "scopes.insufficient")
        return grant.organisation

    def _consent(self, app: App, response_type: str, scope: str) -> dict[str, str]:
        scopes = frozenset(scope.split())
        if response_type != "code":
            return {"error": "unsupported_response_type"}
        if not scopes or not scopes <= app.scopes:
            return {"error": "invalid_scope"}
        if self.consenting is None:
            return {"error": "access_denied"}
        code = secrets.token_urlsafe(24)
        self.codes[code] = Grant(app, self.consenting, scopes, self.now() + timedelta(seconds=CODE_S), app.redirect_uri)
        return {"code": code}

    def _client(self, request: Request) -> App:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthRefusal("invalid_client", 401) from None
        app = self.apps.get(unquote_plus(name)) if scheme == "Basic" else None
        if app is None or app.client_secret not in {secret, unquote_plus(secret)}:
            raise OAuthRefusal("invalid_client", 401)
        return app

    def _own(self, app: App, scope: str) -> Grant:
        if app.organisation is None:
            raise OAuthRefusal("unauthorized_client")
        scopes = frozenset(scope.split())
        if not scopes or not scopes <= app.scopes:
            raise OAuthRefusal("invalid_scope")
        return Grant(app, app.organisation, scopes, self.now())

    def _redeemed(self, app: App, form: dict[str, str]) -> Grant:
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.app != app or self.now() >= grant.until or form.get("redirect_uri") != grant.redirect_uri:
            raise OAuthRefusal("invalid_grant")
        return grant

    def _refreshed(self, app: App, token: str) -> Grant:
        grant = self.access.get(self.refreshes.get(token, ""))
        if grant is None or grant.app is not app:
            raise OAuthRefusal("invalid_grant")
        self.revoke_access(self.refreshes[token])
        return grant

    def _issue(self, grant: Grant, *, refreshable: bool) -> Reply:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24) if refreshable else ""
        until = self.now() + timedelta(seconds=ACCESS_S)
        self.access[access] = replace(grant, until=until, refresh_token=refresh)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": ACCESS_S, "scope": " ".join(sorted(grant.scopes))}
        if refreshable:
            self.refreshes[refresh] = access
            answer["refresh_token"] = refresh
        return json_reply(200, {**answer, "created_at": int(self.now().timestamp())})
