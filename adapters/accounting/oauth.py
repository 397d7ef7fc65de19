"""Consent and tokens of a vendor: the few calls of OAuth 2.0 (RFC 6749), made by hand so that each failure is told apart.

The libraries for it refresh by themselves, which must not happen here: see application/accounting/access_tokens.py.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from requests.exceptions import RequestException

from adapters.accounting.answer import Answer, Cut, read_answer
from application.ports.clock import Clock
from application.ports.connections import Tokens
from application.ports.oauth import ConsentLost, Grant, Granted, OAuthApp, Organisation
from domain.errors import DomainError, TemporaryFailure

_TIMEOUT_S = (5.0, 10.0)
# A refresh happens under a lock: it must end well before the database gives up on the transaction.
_ANSWER_S = 20.0
_OK = range(200, 300)
_TOO_MANY, _SERVER_ERROR = 429, 500
_NO_APP = frozenset({"invalid_client"})
_NO_RIGHT = frozenset({"invalid_grant", "unauthorized_client", "access_denied"})
_APP_STEP = "Compare client_id and the secret client_secret with the vendor's page of the app, and apply the configuration again."
_BEGIN_AGAIN = "Begin again with billhook connect: a code works once and for some minutes only."

Sessions = Callable[[], AbstractContextManager[requests.Session]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one vendor's endpoints are, and what is special about them.

    ``authorize_extra`` are further parameters of the address of consent; ``service_extra`` those for an app that then works with client
    credentials. ``tenant_header`` names the organisation where client credentials are asked for.
    """

    name: str
    authorize_url: str
    token_url: str
    uses_pkce: bool = False
    consent_first: bool = False
    authorize_extra: Mapping[str, str] = field(default_factory=dict)
    service_extra: Mapping[str, str] = field(default_factory=dict)
    tenant_header: str = ""


class VendorCalls:
    """Single calls at a vendor, over a session of their own each time: consent is seldom."""

    def __init__(self, vendor: str, sessions: Sessions) -> None:
        self._vendor = vendor
        self._sessions = sessions

    def get(self, url: str, access_token: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask under a token. Raises as ``send``, and DomainError("consent_refused") for any answer but 2xx."""
        answer = self.send("GET", url, headers={"Authorization": f"Bearer {access_token}", **(headers or {})})
        if answer.status not in _OK:
            text = f"{self._vendor} answered {answer.status} where it was asked for the organisation: {answer.shown()}"
            raise DomainError("consent_refused", text, "Allow the app all scopes that are asked for, and connect again.")
        return answer

    def send(self, method: str, url: str, **options: Any) -> Answer:
        """Any answer but 429 and 5xx. Raises TemporaryFailure, and DomainError("address_refused")."""
        give_up_at = time.monotonic() + _ANSWER_S
        options["headers"] = {"Accept": "application/json", **options.get("headers", {})}
        try:
            with self._sessions() as session:
                response = session.request(method, url, timeout=_TIMEOUT_S, allow_redirects=False, stream=True, **options)
                answer = read_answer(response, give_up_at)
        except (RequestException, OSError, Cut) as error:
            # The library's sentence may hold the form, and the form holds secrets: only what kind of error it is gets out.
            raise TemporaryFailure(f"{self._vendor} cannot be reached at {url}: {type(error).__name__}") from None
        if answer.status == _TOO_MANY or answer.status >= _SERVER_ERROR:
            raise TemporaryFailure(f"{self._vendor} answered {answer.status} at {url}")
        return answer


Organisations = Callable[[VendorCalls, OAuthApp, Tokens], Sequence[Organisation]]
End = Callable[["OAuthEndpoints", OAuthApp, Tokens, str], None]


class OAuthEndpoints:
    """The port ``OAuthVendor`` for one vendor. ``organisations_of`` and ``end_at`` are what each does in its own way."""

    def __init__(self, place: Place, sessions: Sessions, clock: Clock, organisations_of: Organisations, end_at: End) -> None:
        self._place = place
        self._clock = clock
        self._organisations_of = organisations_of
        self._end_at = end_at
        self.calls = VendorCalls(place.name, sessions)

    @property
    def uses_pkce(self) -> bool:
        return self._place.uses_pkce

    @property
    def consent_first(self) -> bool:
        return self._place.consent_first

    def authorize_url(self, app: OAuthApp, state: str, challenge: str) -> str:
        service = self._place.service_extra if app.grant is Grant.CLIENT_CREDENTIALS else {}
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": " ".join(app.scopes),
            "state": state,
            **({"code_challenge": challenge, "code_challenge_method": "S256"} if challenge else {}),
            **self._place.authorize_extra,
            **service,
        }
        return f"{self._place.authorize_url}?{urlencode(asked)}"

    def exchange(self, app: OAuthApp, code: str, verifier: str) -> Granted:
        proof = {"code_verifier": verifier} if verifier else {}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri, **proof}
        return self._granted(app, form)

    def refresh(self, app: OAuthApp, refresh_token: str) -> Granted:
        if not refresh_token:
            raise ConsentLost(f"{self._place.name} gave no refresh token; ask for the scope offline_access where it has one.")
        return self._or_lost(app, {"grant_type": "refresh_token", "refresh_token": refresh_token}, {})

    def ask(self, app: OAuthApp) -> Granted:
        header = {self._place.tenant_header: app.organisation_id} if self._place.tenant_header and app.organisation_id else {}
        return self._or_lost(app, {"grant_type": "client_credentials", "scope": " ".join(app.scopes)}, header)

    def organisations(self, app: OAuthApp, tokens: Tokens) -> Sequence[Organisation]:
        return self._organisations_of(self.calls, app, tokens)

    def end(self, app: OAuthApp, tokens: Tokens, consent_id: str) -> None:
        self._end_at(self, app, tokens, consent_id)

    def revoke(self, app: OAuthApp, url: str, refresh_token: str) -> None:
        """Void a refresh token (RFC 7009); one that is void already is no error."""
        form = {"token": refresh_token, "token_type_hint": "refresh_token"}
        answer = self.calls.send("POST", url, data=form, auth=_log_in(app))
        error = _error_of(answer)
        if answer.status not in _OK and error not in {"invalid_grant", "invalid_token"}:
            raise self._refusal(answer, error)

    def _or_lost(self, app: OAuthApp, form: Mapping[str, str], headers: Mapping[str, str]) -> Granted:
        try:
            return self._granted(app, form, headers)
        except _NoRight as no:
            raise ConsentLost(no.text) from None

    def _granted(self, app: OAuthApp, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Granted:
        # Taken before the call, so that the token never seems to live longer than it does.
        asked_at = self._clock.now()
        answer = self.calls.send("POST", self._place.token_url, data=form, auth=_log_in(app), headers=headers or {})
        given = answer.json()
        if answer.status not in _OK:
            raise self._refusal(answer, _error_of(answer))
        if not isinstance(given, dict) or not isinstance(given.get("access_token"), str):
            raise TemporaryFailure(f"{self._place.name} answered {answer.status} at {self._place.token_url} without a token")
        ends_at = asked_at + timedelta(seconds=float(given.get("expires_in") or 0))
        tokens = Tokens(given["access_token"], ends_at, str(given.get("refresh_token") or ""))
        return Granted(tokens, tuple(str(given.get("scope") or "").split()))

    def _refusal(self, answer: Answer, error: str) -> DomainError:
        said = f"{self._place.name} answered {answer.status} at {self._place.token_url}: {_said(answer, error)}"
        if error in _NO_APP:
            return DomainError("app_refused", said, _APP_STEP)
        if error == "invalid_scope":
            return DomainError("scopes_refused", said, "Ask only for scopes that the vendor's page of the app shows: settings.scopes.")
        if error in _NO_RIGHT:
            return _NoRight("consent_refused", said, _BEGIN_AGAIN)
        return DomainError("consent_refused", said, _BEGIN_AGAIN)


class _NoRight(DomainError):
    """The vendor does not take this code, token or app (any more)."""


def _log_in(app: OAuthApp) -> tuple[str, str]:
    return app.client_id, app.client_secret


def _error_of(answer: Answer) -> str:
    document = answer.json()
    return str(document.get("error") or "") if isinstance(document, dict) else ""


def _said(answer: Answer, error: str) -> str:
    """The error's name and words; never the whole answer, which may echo what was sent."""
    document = answer.json()
    words = document.get("error_description") if isinstance(document, dict) else None
    return f"{error or 'no reason given'}{f' ({str(words)[:200]})' if words else ''}"
