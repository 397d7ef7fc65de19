"""The endpoints of login, tokens and connections. Consent is given by a plan of the test instead of a person."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from tests.fakes.xero.identity import App, Identity, InvalidGrant, Tokens
from tests.fakes.xero.organisation import Organisation, Organisations
from tests.fakes.xero.wire import Answer, Call, Refused, json_answer, not_found, refuse, text_answer


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user will answer: these organisations, or no."""

    organisations: tuple[Organisation, ...] = ()
    denied: bool = False


@dataclass(slots=True)
class IdentityPages:
    """Answers the calls that are not for the accounting API. ``decision`` None: the user agrees for all organisations."""

    identity: Identity
    organisations: Organisations
    decision: Decision | None = None

    def authorize(self, call: Call) -> Answer:
        """The login page and the user's decision in one: straight back to the app."""
        app = self.identity.apps.get(call.query.get("client_id", ""))
        redirect_uri = call.query.get("redirect_uri", "")
        if app is None or redirect_uri != app.redirect_uri or call.query.get("response_type") != "code":
            return text_answer(400, "<h1>Sorry, something went wrong</h1><p>unauthorized_client</p>", "text/html")
        given = self._code(app, call) | ({"state": call.query["state"]} if "state" in call.query else {})
        return Answer(302, b"", {"Location": f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(given)}"})

    def token(self, call: Call) -> Answer:
        """Tokens for a code or a refresh token."""
        form = _form(call)
        app = self._client(call, form)
        try:
            return _tokens_answer(self._tokens(app, form))
        except InvalidGrant:
            return json_answer(400, {"error": "invalid_grant"})

    def revoke(self, call: Call) -> Answer:
        """End a consent; 200 whatever the token was."""
        form = _form(call)
        self.identity.revoke(self._client(call, form).client_id, form.get("token", ""))
        return Answer(200)

    def list_connections(self, client_id: str, auth_event_id: str | None) -> Answer:
        """The organisations that an app may work for."""
        connections = [kept for kept in self.identity.connected(client_id) if auth_event_id in {None, kept.auth_event_id}]
        return json_answer(
            200,
            [
                {
                    "id": connection.id,
                    "authEventId": connection.auth_event_id,
                    "tenantId": connection.tenant_id,
                    "tenantType": "ORGANISATION",
                    "tenantName": self.organisations.all[connection.tenant_id].name,
                    "createdDateUtc": f"{connection.created_at:%Y-%m-%dT%H:%M:%S.%f}0",
                    "updatedDateUtc": f"{connection.created_at:%Y-%m-%dT%H:%M:%S.%f}0",
                }
                for connection in connections
            ],
        )

    def disconnect(self, client_id: str, connection_id: str) -> Answer:
        """Take one organisation away from an app."""
        if not self.identity.disconnect(client_id, connection_id):
            not_found()
        return Answer(204)

    def _code(self, app: App, call: Call) -> dict[str, str]:
        scopes = call.query.get("scope", "").split()
        if not scopes or not set(scopes) <= app.scopes:
            return {"error": "invalid_scope"}
        if "code_challenge" in call.query and call.query.get("code_challenge_method") != "S256":
            return {"error": "invalid_request"}
        decision = self.decision or Decision(tuple(self.organisations.all.values()))
        if decision.denied:
            return {"error": "access_denied"}
        grant = self.identity.consented(app.client_id, scopes, [organisation.tenant_id for organisation in decision.organisations])
        return {"code": self.identity.code_for(grant, app.redirect_uri, call.query.get("code_challenge"))}

    def _client(self, call: Call, form: Mapping[str, str]) -> App:
        """Who asks: HTTP Basic, or the secret in the form."""
        client_id, secret = _basic(call.headers.get("authorization", "")) or (form.get("client_id", ""), form.get("client_secret", ""))
        app = self.identity.apps.get(client_id)
        if app is None or app.client_secret != secret:
            refuse(400, {"error": "invalid_client"})
        return app

    def _tokens(self, app: App, form: Mapping[str, str]) -> Tokens:
        if form.get("grant_type") == "refresh_token":
            return self.identity.refresh(app.client_id, form.get("refresh_token", ""))
        if form.get("grant_type") == "authorization_code":
            code, redirect_uri = form.get("code", ""), form.get("redirect_uri", "")
            return self.identity.exchange(app.client_id, code, redirect_uri, form.get("code_verifier"))
        raise Refused(json_answer(400, {"error": "unsupported_grant_type"}))


def _form(call: Call) -> dict[str, str]:
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        refuse(400, {"error": "invalid_request"})
    return {name: values[-1] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return client_id, secret


def _tokens_answer(tokens: Tokens) -> Answer:
    body = {
        "access_token": tokens.access_token,
        "expires_in": tokens.expires_in_s,
        "token_type": "Bearer",
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
    }
    return json_answer(200, {name: value for name, value in body.items() if value is not None}, Cache_Control="no-store")
