"""Access to a vendor under a consent. One refresh at a time in the whole fleet, and what came is kept before it is used.

The vendors' refresh tokens work once. Two workers that refresh side by side would void one another's token, and only the user could
mend that; so a refresh happens under the lock of the connection's row, and whoever waited for the lock reads again first. This is the
one place where a call goes out inside a unit of work.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from application.accounting.next_steps import connect_command
from application.incidents import about, tell
from application.ports.clock import Clock
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.oauth import ConsentLost, Grant, Granted, OAuthApp, OAuthVendor, OAuthVendors
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.errors import DomainError, TemporaryFailure

# Refreshed so long before the end that no call is under way with a token that dies (facts: accounting-apis, C.1).
_EARLY = timedelta(minutes=5)
# The code of the error, and the cause of the incident.
NEEDS_REAUTH = "needs_reauth"


@dataclass(frozen=True, slots=True)
class Access:
    """What a call needs: the bearer token, and the organisation it is for."""

    token: str = field(repr=False)
    organisation_id: str
    organisation_name: str


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Tokens that work. All methods raise DomainError("needs_reauth") where only a new consent helps, and TemporaryFailure."""

    units_of_work: UnitsOfWork
    vendors: OAuthVendors
    clock: Clock
    telemetry: Telemetry

    def current(self, lane_path: str, kind: str, app: OAuthApp) -> Access:
        """Access that holds for some minutes; refreshed where it would end before."""
        with self.units_of_work() as uow:
            connection = _usable(uow.connections.find(lane_path), lane_path, app)
        if self._lives(connection, _EARLY):
            return _access(connection)
        try:
            return self._renew(lane_path, kind, app, lambda locked: self._lives(locked, _EARLY))
        except TemporaryFailure:
            # It is early: what we have works for a while yet.
            if self._lives(connection, timedelta(seconds=30)):
                return _access(connection)
            raise

    def renewed(self, lane_path: str, kind: str, app: OAuthApp, stale_token: str) -> Access:
        """Access after the vendor refused a token; refreshed unless somebody did that meanwhile."""

        def is_fresh(locked: Connection) -> bool:
            return self._lives(locked, timedelta()) and _tokens(locked).access_token != stale_token

        return self._renew(lane_path, kind, app, is_fresh)

    def lose(self, lane_path: str, app: OAuthApp, refused_token: str, reason: str) -> DomainError:
        """The vendor lets nobody with this token into the organisation any more: note it, tell it once, and give the error for it.

        Only for what is certain; ``reason`` is a sentence. Where others have had new tokens since, nothing is noted: TemporaryFailure,
        and the next try shows what those can do.
        """
        with self.units_of_work() as uow:
            connection = _usable(uow.connections.lock(lane_path), lane_path, app)
            if _tokens(connection).access_token != refused_token:
                raise TemporaryFailure(f"The tokens of {lane_path} were renewed meanwhile.", retry_after_s=1)
            self._lose(uow, connection, reason)
            uow.commit()
        self.telemetry.problem("connection_needs_reauth", integration=lane_path, reason=reason)
        return needs_reauth(lane_path, reason)

    def _renew(self, lane_path: str, kind: str, app: OAuthApp, is_fresh: Callable[[Connection], bool]) -> Access:
        vendor = self.vendors.of(kind)
        if vendor is None:
            raise DomainError("no_consent_needed", f"Integrations of the kind {kind} have no connection.")
        before = renewed = None
        try:
            with self.units_of_work() as uow:
                before = _usable(uow.connections.lock(lane_path), lane_path, app)
                if is_fresh(before):
                    return _access(before)
                renewed = self._with(before, self._granted(uow, vendor, app, before))
                uow.connections.save(renewed, self.clock.now())
                uow.commit()
        except TemporaryFailure:
            if before is None or renewed is None:
                raise
            self._keep_late(before, renewed)
        self.telemetry.event("connection_refreshed", integration=lane_path)
        return _access(renewed)

    def _granted(self, uow: UnitOfWork, vendor: OAuthVendor, app: OAuthApp, connection: Connection) -> Granted:
        try:
            return _ask(vendor, app, connection)
        except ConsentLost as lost:
            self._lose(uow, connection, lost.text)
            uow.commit()
            self.telemetry.problem("connection_needs_reauth", integration=connection.integration, reason=lost.text)
            raise needs_reauth(connection.integration, lost.text) from lost

    def _keep_late(self, before: Connection, renewed: Connection) -> None:
        """The database broke off after the vendor's answer: the only copy of a refresh token is here. Raises TemporaryFailure again."""
        with self.units_of_work() as uow:
            present = uow.connections.lock(before.integration)
            if present is not None and present.tokens == before.tokens and present.state is ConnectionState.OK:
                uow.connections.save(renewed, self.clock.now())
                uow.commit()

    def _with(self, connection: Connection, granted: Granted) -> Connection:
        tokens = granted.tokens
        if not tokens.refresh_token:
            # The vendor did not rotate it: the one we have goes on working.
            tokens = replace(tokens, refresh_token=_tokens(connection).refresh_token)
        scopes = granted.scopes or connection.scopes
        return replace(connection, tokens=tokens, scopes=scopes, state=ConnectionState.OK, reason="", refreshed_at=self.clock.now())

    def _lose(self, uow: UnitOfWork, connection: Connection, reason: str) -> None:
        now = self.clock.now()
        uow.connections.save(replace(connection, state=ConnectionState.NEEDS_REAUTH, reason=reason), now)
        integration = uow.configurations.current().integrations.get(connection.integration)
        if integration is not None:
            # The same cause as of the lane that comes upon it, so that all who do make one incident.
            text = f"{_lost_sentence(connection)} {reason} Its deliveries wait."
            tell(uow, about(integration, NEEDS_REAUTH, text, f"Connect again: {connect_command(integration.path)}"), now)

    def _lives(self, connection: Connection, margin: timedelta) -> bool:
        return _tokens(connection).access_expires_at - self.clock.now() > margin


def _lost_sentence(connection: Connection) -> str:
    return f"The connection of {connection.integration} to {connection.organisation_name} works no more:"


def needs_reauth(lane_path: str, reason: str) -> DomainError:
    """The error of a connection that only a person can mend."""
    return DomainError(NEEDS_REAUTH, f"{lane_path} is not connected: {reason}", f"Connect again: {connect_command(lane_path)}")


def _usable(connection: Connection | None, lane_path: str, app: OAuthApp) -> Connection:
    if connection is None or connection.state is ConnectionState.NOT_CONNECTED or connection.tokens is None:
        text = f"{lane_path} is not connected: nobody has connected it yet, or somebody disconnected it."
        raise DomainError(NEEDS_REAUTH, text, f"Connect it: {connect_command(lane_path)}")
    if connection.state is ConnectionState.NEEDS_REAUTH:
        raise needs_reauth(lane_path, connection.reason)
    if connection.client_id != app.client_id:
        # The state stays: where the change was a slip, putting it right is enough.
        raise needs_reauth(lane_path, "it was connected with another client_id than the one in its settings.")
    return connection


def _ask(vendor: OAuthVendor, app: OAuthApp, connection: Connection) -> Granted:
    if app.grant is Grant.CLIENT_CREDENTIALS:
        return vendor.ask(replace(app, organisation_id=app.organisation_id or connection.organisation_id))
    return vendor.refresh(app, _tokens(connection).refresh_token)


def _tokens(connection: Connection) -> Tokens:
    if connection.tokens is None:
        raise TypeError(f"{connection.integration} was taken for connected and has no tokens")
    return connection.tokens


def _access(connection: Connection) -> Access:
    return Access(_tokens(connection).access_token, connection.organisation_id, connection.organisation_name)
