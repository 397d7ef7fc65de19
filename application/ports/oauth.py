"""Consent and tokens of a vendor (OAuth 2.0, RFC 6749; PKCE, RFC 7636)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from application.ports.connections import Tokens
from domain.errors import DomainError


class Grant(StrEnum):
    """How access is got: a user's consent once, or the app's own right each time."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """The vendor's app of an integration, as its settings and secrets name it.

    ``organisation_id`` is known in advance only with client credentials (Fortnox: TenantId).
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    grant: Grant = Grant.AUTHORIZATION_CODE
    organisation_id: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """What the token endpoint gave; ``scopes`` are empty where it did not say."""

    tokens: Tokens
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation the user's consent reaches."""

    organisation_id: str
    name: str
    consent_id: str = ""


class ConsentLost(DomainError):
    """The vendor takes these tokens no more: only a new consent helps, trying again never does."""

    def __init__(self, text: str) -> None:
        super().__init__("needs_reauth", text, "Connect again: billhook connect")


class OAuthVendor(Protocol):
    """One vendor's endpoints. All calls raise TemporaryFailure where the vendor cannot be reached or fails for now."""

    @property
    def uses_pkce(self) -> bool:
        """Whether a code challenge is sent."""
        ...

    @property
    def consent_first(self) -> bool:
        """Whether client credentials work only once a user has consented (Fortnox)."""
        ...

    def authorize_url(self, app: OAuthApp, state: str, challenge: str) -> str:
        """Where the user gives consent; ``challenge`` is PKCE's S256 of the verifier, or empty."""
        ...

    def exchange(self, app: OAuthApp, code: str, verifier: str) -> Granted:
        """Tokens for a code, which works once. Raises DomainError("consent_refused")."""
        ...

    def refresh(self, app: OAuthApp, refresh_token: str) -> Granted:
        """New tokens; the old refresh token is void from now on. Raises ConsentLost."""
        ...

    def ask(self, app: OAuthApp) -> Granted:
        """Tokens by client credentials. Raises ConsentLost where the organisation has taken the right away."""
        ...

    def organisations(self, app: OAuthApp, tokens: Tokens) -> Sequence[Organisation]:
        """What the consent reaches."""
        ...

    def end(self, app: OAuthApp, tokens: Tokens, consent_id: str) -> None:
        """End the consent at the vendor. One that has ended already is no error."""
        ...


class OAuthVendors(Protocol):
    """The vendors by kind of integration."""

    def of(self, kind: str) -> OAuthVendor | None:
        """None for a kind that needs no consent."""
        ...
