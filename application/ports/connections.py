"""The consents of vendors' users, with the tokens they gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ConnectionState(StrEnum):
    """Whether calls can be made under a consent."""

    NOT_CONNECTED = "not_connected"
    OK = "ok"
    NEEDS_REAUTH = "needs_reauth"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a vendor gave. ``refresh_token`` is empty where access is simply asked for anew (client credentials)."""

    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """The consent of one integration. ``reason`` says why its state is not ok.

    ``organisation_id`` is the vendor's tenant; ``consent_id`` the vendor's name for the consent, by which it is ended.
    ``refreshed_at`` is when the tokens were last given.
    """

    integration: str
    state: ConnectionState
    reason: str = ""
    client_id: str = ""
    organisation_id: str = ""
    organisation_name: str = ""
    consent_id: str = ""
    scopes: tuple[str, ...] = ()
    tokens: Tokens | None = None
    refreshed_at: datetime | None = None
    connected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PendingConsent:
    """A consent that was asked for. ``state`` must come back unchanged; ``verifier`` is PKCE's, empty where it is not used.

    ``tokens`` are there where the code was taken already and the user still has to choose an organisation.
    """

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    asked_at: datetime
    tokens: Tokens | None = None
    scopes: tuple[str, ...] = ()


class Connections(Protocol):
    """The store of consents inside a unit of work; tokens are kept encrypted."""

    def find(self, integration: str) -> Connection | None:
        """As it stands, by the path of the integration."""
        ...

    def lock(self, integration: str) -> Connection | None:
        """As it stands, locked until the unit of work ends: one refresh at a time in the whole fleet."""
        ...

    def list(self) -> Sequence[Connection]:
        """All, by path."""
        ...

    def save(self, connection: Connection, at: datetime) -> None:
        """Insert or replace; a pending consent stays."""
        ...

    def pending(self, integration: str) -> PendingConsent | None:
        """The consent that has begun and is not finished."""
        ...

    def save_pending(self, integration: str, pending: PendingConsent | None, at: datetime) -> None:
        """Remember that a consent has begun; None: it is finished or given up."""
        ...
