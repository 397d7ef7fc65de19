"""Apps, consents, tokens and connections: what Xero's identity service remembers."""

import base64
import hashlib
import json
import secrets
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.clock import Clock

ACCESS_LIFETIME = timedelta(minutes=30)
# A refresh token that was used works on for this long, in case the answer was lost.
GRACE = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=60)
_CODE_LIFETIME = timedelta(minutes=5)

DEFAULT_SCOPES = "offline_access accounting.invoices accounting.contacts accounting.settings accounting.attachments"


@dataclass(frozen=True, slots=True)
class App:
    """A registered client."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Connection:
    """That an app may work for an organisation. ``id`` is what is deleted, not the tenant's id."""

    id: str
    client_id: str
    tenant_id: str
    auth_event_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of the token endpoint. No refresh token without ``offline_access``."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scope: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent: everything that follows from it ends with it."""

    id: str
    client_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: str | None
    expires_at: datetime


@dataclass(slots=True)
class _Refresh:
    grant: Grant
    issued_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token stands for."""

    grant: Grant
    expires_at: datetime


class InvalidGrant(Exception):
    """The code or refresh token is not good (any more)."""


class Identity:
    """Everything about who may do what. Times come from the clock. ``given`` are all tokens there ever were, for who looks for leaks."""

    def __init__(self, clock: Clock) -> None:
        self.apps: dict[str, App] = {}
        self.connections: list[Connection] = []
        self.refreshes = 0
        self.given: list[Tokens] = []
        self._clock = clock
        self._lock = threading.RLock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, _Refresh] = {}

    def consented(self, client_id: str, scopes: Iterable[str], tenant_ids: Iterable[str]) -> Grant:
        """The user said yes, for these organisations. Earlier connections to others stay."""
        with self._lock:
            grant = Grant(str(uuid.uuid4()), client_id, frozenset(scopes))
            for tenant_id in tenant_ids:
                self.connections = [kept for kept in self.connections if (kept.client_id, kept.tenant_id) != (client_id, tenant_id)]
                self.connections.append(Connection(str(uuid.uuid4()), client_id, tenant_id, grant.id, self._clock.now()))
            return grant

    def code_for(self, grant: Grant, redirect_uri: str, challenge: str | None) -> str:
        """An authorization code, good once and for five minutes."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = _Code(grant, redirect_uri, challenge, self._clock.now() + _CODE_LIFETIME)
        return code

    def exchange(self, client_id: str, code: str, redirect_uri: str, verifier: str | None) -> Tokens:
        """The first tokens of a consent. Error: InvalidGrant."""
        with self._lock:
            known = self._codes.pop(code, None)
            good = known is not None and known.grant.client_id == client_id and known.redirect_uri == redirect_uri
            if known is None or not good or self._clock.now() >= known.expires_at or not _verified(known.challenge, verifier):
                raise InvalidGrant
            return self.issue(known.grant)

    def refresh(self, client_id: str, token: str) -> Tokens:
        """New tokens for a refresh token that is unused, or was used less than half an hour ago. Error: InvalidGrant."""
        now = self._clock.now()
        with self._lock:
            known = self._refresh.get(token)
            if known is None or known.grant.client_id != client_id or now - known.issued_at >= REFRESH_LIFETIME:
                raise InvalidGrant
            if known.used_at is not None and now - known.used_at >= GRACE:
                raise InvalidGrant
            known.used_at = known.used_at or now
            self.refreshes += 1
            return self.issue(known.grant)

    def issue(self, grant: Grant) -> Tokens:
        """New tokens of a consent."""
        now = self._clock.now()
        with self._lock:
            access = _access_token(grant, now + ACCESS_LIFETIME)
            self._access[access] = Access(grant, now + ACCESS_LIFETIME)
            refresh = secrets.token_urlsafe(32) if "offline_access" in grant.scopes else None
            if refresh is not None:
                self._refresh[refresh] = _Refresh(grant, now)
            tokens = Tokens(access, refresh, " ".join(sorted(grant.scopes)), int(ACCESS_LIFETIME.total_seconds()))
            self.given.append(tokens)
        return tokens

    def revoke(self, client_id: str, token: str) -> None:
        """End the consent of a refresh token with all its tokens, and its connections. An unknown token is no error."""
        with self._lock:
            known = self._refresh.get(token)
            if known is None or known.grant.client_id != client_id:
                return
            ended = known.grant
            self._refresh = {key: kept for key, kept in self._refresh.items() if kept.grant.id != ended.id}
            self._access = {key: kept for key, kept in self._access.items() if kept.grant.id != ended.id}
            self.connections = [kept for kept in self.connections if kept.auth_event_id != ended.id]

    def access(self, token: str) -> Access | None:
        """What a token stands for, expired or not."""
        return self._access.get(token)

    def connected(self, client_id: str) -> list[Connection]:
        """The connections of an app."""
        return [connection for connection in self.connections if connection.client_id == client_id]

    def disconnect(self, client_id: str, connection_id: str) -> bool:
        """Whether there was such a connection; there is none now."""
        with self._lock:
            before = len(self.connections)
            self.connections = [kept for kept in self.connections if (kept.client_id, kept.id) != (client_id, connection_id)]
            return len(self.connections) < before

    def leave(self, tenant_id: str) -> None:
        """As if somebody in an organisation had disconnected every app there."""
        with self._lock:
            self.connections = [kept for kept in self.connections if kept.tenant_id != tenant_id]

    def forget_tokens(self) -> None:
        """As if every token had been revoked elsewhere: the connections stay, the user must consent again."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()


def _verified(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return secrets.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _access_token(grant: Grant, expires_at: datetime) -> str:
    """Looks like Xero's: a JSON web token that names its consent. Nothing here signs it, so its third part is chance."""
    claims = {
        "client_id": grant.client_id,
        "exp": int(expires_at.timestamp()),
        "authentication_event_id": grant.id,
        "scope": sorted(grant.scopes),
    }
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join([*parts, secrets.token_urlsafe(24)])
