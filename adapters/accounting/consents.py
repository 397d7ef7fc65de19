"""How Xero, Fortnox and jortt differ in consent (facts: accounting-apis, B1.2, B2.2, B3.2)."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.oauth import OAuthEndpoints, Place, Sessions, VendorCalls
from application.ports.clock import Clock
from application.ports.connections import Tokens
from application.ports.oauth import ConsentLost, OAuthApp, Organisation
from domain.errors import DomainError

_GONE = frozenset({401, 403, 404})


def xero_oauth(api_url: str, login_url: str, identity_url: str, sessions: Sessions, clock: Clock) -> OAuthEndpoints:
    """Xero: one token set for all organisations of a user; a consent is a connection of its own, by which it is ended."""
    place = Place("Xero", f"{login_url}/identity/connect/authorize", f"{identity_url}/connect/token", uses_pkce=True)
    connections_url = f"{api_url}/connections"

    def organisations(calls: VendorCalls, _app: OAuthApp, tokens: Tokens) -> Sequence[Organisation]:
        found = [each for each in _list(calls.get(connections_url, tokens.access_token)) if each.get("tenantType") == "ORGANISATION"]
        # An older consent of the same user for another company is listed too. The token says which consent it came from.
        event = _claims(tokens.access_token).get("authentication_event_id")
        just_now = [each for each in found if each.get("authEventId") == event]
        return [Organisation(str(each["tenantId"]), str(each.get("tenantName") or ""), str(each["id"])) for each in just_now or found]

    def end(vendor: OAuthEndpoints, app: OAuthApp, tokens: Tokens, consent_id: str) -> None:
        # Revoking the token would end the connections to the user's other organisations too: this one is deleted by its id.
        try:
            live = tokens if tokens.access_expires_at > clock.now() else vendor.refresh(app, tokens.refresh_token).tokens
        except ConsentLost:
            return
        headers = {"Authorization": f"Bearer {live.access_token}"}
        answer = vendor.calls.send("DELETE", f"{connections_url}/{consent_id}", headers=headers)
        if answer.status not in range(200, 300) and answer.status not in _GONE:
            raise _not_ended("Xero", answer)

    return OAuthEndpoints(place, sessions, clock, organisations, end)


def fortnox_oauth(api_url: str, auth_url: str, sessions: Sessions, clock: Clock) -> OAuthEndpoints:
    """Fortnox: a consent is for one company. For a service account it is given once, and client credentials are used from then on."""
    place = Place(
        "Fortnox",
        f"{auth_url}/oauth-v1/auth",
        f"{auth_url}/oauth-v1/token",
        consent_first=True,
        authorize_extra={"access_type": "offline"},
        service_extra={"account_type": "service"},
        tenant_header="TenantId",
    )

    def organisations(calls: VendorCalls, _app: OAuthApp, tokens: Tokens) -> Sequence[Organisation]:
        company = _object(calls.get(f"{api_url}/3/companyinformation", tokens.access_token), "CompanyInformation")
        tenant = _claims(tokens.access_token).get("tenantId") or company.get("DatabaseNumber") or ""
        return [Organisation(str(tenant), str(company.get("CompanyName") or ""))]

    return OAuthEndpoints(place, sessions, clock, organisations, _revoking(f"{auth_url}/oauth-v1/revoke"))


def jortt_oauth(api_url: str, auth_url: str, sessions: Sessions, clock: Clock) -> OAuthEndpoints:
    """jortt: an app has one organisation (client credentials), or is given one by consent."""
    root = f"{auth_url}/oauth-provider/oauth"
    place = Place("jortt", f"{root}/authorize", f"{root}/token")

    def organisations(calls: VendorCalls, _app: OAuthApp, tokens: Tokens) -> Sequence[Organisation]:
        mine = _object(calls.get(f"{api_url}/v3/organizations/me", tokens.access_token), "data")
        return [Organisation(str(mine.get("id") or ""), str(mine.get("company_name") or mine.get("name") or ""))]

    return OAuthEndpoints(place, sessions, clock, organisations, _revoking(f"{root}/revoke"))


def _revoking(url: str) -> Callable[[OAuthEndpoints, OAuthApp, Tokens, str], None]:
    def end(vendor: OAuthEndpoints, app: OAuthApp, tokens: Tokens, _consent_id: str) -> None:
        # Client credentials leave nothing there to end: the right is the app's own.
        if tokens.refresh_token:
            vendor.revoke(app, url, tokens.refresh_token)

    return end


def _claims(access_token: str) -> Mapping[str, Any]:
    """What a token says about itself, unchecked: it came from the vendor just now. Empty where it is no JSON web token."""
    try:
        body = access_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _list(answer: Answer) -> list[dict[str, Any]]:
    document = answer.json()
    return [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []


def _object(answer: Answer, name: str) -> dict[str, Any]:
    document = answer.json()
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _not_ended(vendor: str, answer: Answer) -> DomainError:
    return DomainError("not_disconnected", f"{vendor} answered {answer.status}: {answer.shown()}", "End it at the vendor's page of apps.")
